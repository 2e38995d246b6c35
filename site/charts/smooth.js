// A running mean that starts where the curve starts, over buckets that hold different numbers of values.

/**
 * The exponential mean of *mean*, each bucket weighted by its count, without the pull to zero at the start.
 *
 * *weight* is what the past keeps when a bucket of usual size (the mean count of those that hold anything) comes in: one
 * with half as many values counts for half. NaN stays NaN and changes nothing of what follows. The result depends on
 * `weight` 0 to below 1 only; 0 is *mean* itself.
 * @param {Float32Array | Float64Array} mean
 * @param {ArrayLike<number> | null} count null: all the same
 * @param {number} weight
 * @returns {Float32Array | Float64Array}
 */
export function smoothed(mean, count, weight) {
  if (!(weight > 0)) return mean;
  const usual = count ? usualCount(mean, count) : 1;
  const result = new Float64Array(mean.length).fill(NaN);
  let sum = 0;
  let total = 0; // of the weights that sum holds: dividing by it is what removes the start's bias
  for (let place = 0; place < mean.length; place += 1) {
    const value = mean[place];
    if (Number.isNaN(value)) continue;
    const kept = weight ** (count ? count[place] / usual : 1);
    sum = kept * sum + (1 - kept) * value;
    total = kept * total + (1 - kept);
    result[place] = sum / total;
  }
  return result;
}

/**
 * @param {ArrayLike<number>} mean
 * @param {ArrayLike<number>} count
 */
function usualCount(mean, count) {
  let [sum, buckets] = [0, 0];
  for (let place = 0; place < mean.length; place += 1) {
    if (Number.isNaN(mean[place])) continue;
    sum += count[place];
    buckets += 1;
  }
  return buckets && sum ? sum / buckets : 1;
}
