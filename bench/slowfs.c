// An LD_PRELOAD shim that makes the folder $SLOWFS_ROOT behave like a network disk without an attribute cache: each
// operation on a path or descriptor below it is counted and takes $SLOWFS_US microseconds longer (a round trip).
//
//   stat, lstat, fstatat, statx, access: 1      open: 1      read: 1 a descriptor, 1 more a full 256 KiB      pread: 1
//   listing a folder: 1 to open it, 1 for its entries      fstat, close: 0 (attributes came with the open)
//
// A descriptor that is duplicated stays slow: Python lists an open folder through a duplicate.
// slowfs_counts(long[6]) fills in stat, open, read, getdents, opendir and the most that were in flight; slowfs_reset()
// sets them to 0.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { STAT, OPEN, READ, DENTS, OPENDIR, KINDS };
#define FILES 65536

static const char *root;
static size_t root_length;
static long microseconds = 1000;
static _Atomic long counts[KINDS], in_flight, most_in_flight;
static unsigned char slow[FILES], was_read[FILES];

__attribute__((constructor)) static void begin(void) {
    root = getenv("SLOWFS_ROOT");
    root_length = root ? strlen(root) : 0;
    if (getenv("SLOWFS_US")) microseconds = atol(getenv("SLOWFS_US"));
}

void slowfs_counts(long *out) {
    for (int kind = 0; kind < KINDS; kind++) out[kind] = counts[kind];
    out[KINDS] = most_in_flight;
}

void slowfs_reset(void) {
    for (int kind = 0; kind < KINDS; kind++) counts[kind] = 0;
    most_in_flight = 0;
}

static void trip(int kind) {
    counts[kind]++;
    long flying = ++in_flight, most = most_in_flight;
    while (flying > most && !atomic_compare_exchange_weak(&most_in_flight, &most, flying)) {}
    if (microseconds) {
        struct timespec time = {microseconds / 1000000, (microseconds % 1000000) * 1000};
        int error = errno;
        syscall(SYS_nanosleep, &time, 0);
        errno = error;
    }
    in_flight--;
}

static int known(int fd) { return fd >= 0 && fd < FILES && slow[fd]; }
static int below(const char *path) { return root && path && !strncmp(path, root, root_length); }
static int below_at(int fd, const char *path) { return path && path[0] == '/' ? below(path) : known(fd); }

static int mark(int fd, int is_slow) {
    if (fd >= 0 && fd < FILES) slow[fd] = is_slow, was_read[fd] = 0;
    return fd;
}

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = dlsym(RTLD_NEXT, name)

#define BY_PATH(name, buffer) \
    int name(const char *path, struct buffer *out) { \
        REAL(int, #name, const char *, struct buffer *); \
        if (below(path)) trip(STAT); \
        return real(path, out); \
    }
BY_PATH(stat, stat)
BY_PATH(lstat, stat)
BY_PATH(stat64, stat64)
BY_PATH(lstat64, stat64)

#define AT(name, buffer) \
    int name(int fd, const char *path, struct buffer *out, int flags) { \
        REAL(int, #name, int, const char *, struct buffer *, int); \
        if (path[0] && below_at(fd, path)) trip(STAT); \
        return real(fd, path, out, flags); \
    }
AT(fstatat, stat)
AT(fstatat64, stat64)

int statx(int fd, const char *path, int flags, unsigned mask, struct statx *out) {
    REAL(int, "statx", int, const char *, int, unsigned, struct statx *);
    if (path && path[0] && below_at(fd, path)) trip(STAT);
    return real(fd, path, flags, mask, out);
}

int access(const char *path, int mode) {
    REAL(int, "access", const char *, int);
    if (below(path)) trip(STAT);
    return real(path, mode);
}

#define OPENS(name) \
    int name(const char *path, int flags, ...) { \
        va_list rest; \
        va_start(rest, flags); \
        int mode = va_arg(rest, int), is_slow = below(path); \
        va_end(rest); \
        REAL(int, #name, const char *, int, ...); \
        if (is_slow) trip(flags & O_DIRECTORY ? OPENDIR : OPEN); \
        return mark(real(path, flags, mode), is_slow); \
    }
OPENS(open)
OPENS(open64)

#define OPENS_AT(name) \
    int name(int fd, const char *path, int flags, ...) { \
        va_list rest; \
        va_start(rest, flags); \
        int mode = va_arg(rest, int), is_slow = below_at(fd, path); \
        va_end(rest); \
        REAL(int, #name, int, const char *, int, ...); \
        if (is_slow) trip(flags & O_DIRECTORY ? OPENDIR : OPEN); \
        return mark(real(fd, path, flags, mode), is_slow); \
    }
OPENS_AT(openat)
OPENS_AT(openat64)

#define DUPLICATES(name) \
    int name(int fd, int command, ...) { \
        va_list rest; \
        va_start(rest, command); \
        void *value = va_arg(rest, void *); \
        va_end(rest); \
        REAL(int, #name, int, int, ...); \
        int result = real(fd, command, value); \
        if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) mark(result, known(fd)); \
        return result; \
    }
DUPLICATES(fcntl)
DUPLICATES(fcntl64)

int close(int fd) {
    REAL(int, "close", int);
    mark(fd, 0);
    return real(fd);
}

ssize_t read(int fd, void *buffer, size_t size) {
    REAL(ssize_t, "read", int, void *, size_t);
    ssize_t got = real(fd, buffer, size);
    if (got > 0 && known(fd) && (!was_read[fd] || got >= 262144)) {
        trip(READ);
        was_read[fd] = 1;
    }
    return got;
}

#define READS_AT(name, offset_type) \
    ssize_t name(int fd, void *buffer, size_t size, offset_type offset) { \
        REAL(ssize_t, #name, int, void *, size_t, offset_type); \
        ssize_t got = real(fd, buffer, size, offset); \
        if (got > 0 && known(fd)) trip(READ); \
        return got; \
    }
READS_AT(pread, off_t)
READS_AT(pread64, off64_t)

DIR *opendir(const char *path) {
    REAL(DIR *, "opendir", const char *);
    int is_slow = below(path);
    if (is_slow) trip(OPENDIR), trip(DENTS);
    DIR *folder = real(path);
    if (folder) mark(dirfd(folder), is_slow);
    return folder;
}

DIR *fdopendir(int fd) {
    REAL(DIR *, "fdopendir", int);
    if (known(fd)) trip(DENTS);
    return real(fd);
}

int closedir(DIR *folder) {
    REAL(int, "closedir", DIR *);
    mark(dirfd(folder), 0);
    return real(folder);
}
