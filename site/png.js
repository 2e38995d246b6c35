// A chart as a picture to paste: its title, what it shows, the lines, and a legend.

/** @typedef {{title: string, note: string, axis: string, entries: {color: string, dash: number[], name: string}[], ink: {text: string, strong: string, paper: string}}} Caption */

const PAD = 12; // CSS pixels, as all below
const ROW = 18;
const SWATCH = 24;
const TITLE = "bold 14px system-ui, sans-serif";
const SMALL = "11px system-ui, sans-serif";

/**
 * @param {HTMLCanvasElement} chart
 * @param {number} ratio its pixels in a CSS pixel
 * @param {Caption} caption
 * @returns {Promise<Blob>} a PNG
 */
export function picture(chart, ratio, { title, note, axis, entries, ink }) {
  const canvas = document.createElement("canvas");
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const width = chart.width / ratio + 2 * PAD;
  context.font = SMALL;
  const legend = flow(entries.map(({ name }) => SWATCH + 6 + context.measureText(name).width), width - 2 * PAD);
  const top = PAD + 18 + ROW;
  const below = top + chart.height / ratio + ROW;
  const rows = legend.length ? legend[legend.length - 1].row + 1 : 0;
  [canvas.width, canvas.height] = [Math.ceil(width * ratio), Math.ceil((below + rows * ROW + PAD) * ratio)];
  context.scale(ratio, ratio);
  context.fillStyle = ink.paper;
  context.fillRect(0, 0, width, canvas.height / ratio);
  text(context, title, PAD, PAD + 12, TITLE, ink.strong, width - 2 * PAD);
  text(context, note, PAD, PAD + 12 + ROW, SMALL, ink.text, width - 2 * PAD);
  context.drawImage(chart, PAD, top, chart.width / ratio, chart.height / ratio);
  context.textAlign = "right";
  text(context, axis, width - PAD - 18, below - 6, SMALL, ink.text);
  context.textAlign = "left";
  entries.forEach(({ color, dash, name }, place) => {
    const { left, row } = legend[place];
    const middle = below + row * ROW + ROW / 2;
    context.strokeStyle = color;
    context.lineWidth = 2.5;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(PAD + left, middle);
    context.lineTo(PAD + left + SWATCH, middle);
    context.stroke();
    text(context, name, PAD + left + SWATCH + 6, middle + 4, SMALL, ink.text, width - 2 * PAD - SWATCH - 6);
  });
  return new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("the picture is too large")))));
}

/**
 * Where entries of *widths* stand in rows of *width*, left to right.
 * @param {number[]} widths
 * @param {number} width
 * @returns {{left: number, row: number}[]}
 */
export function flow(widths, width) {
  const gap = 16;
  let [left, row] = [0, 0];
  return widths.map((own) => {
    if (left > 0 && left + own > width) [left, row] = [0, row + 1];
    const place = { left, row };
    left += own + gap;
    return place;
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} what
 * @param {number} left
 * @param {number} base
 * @param {string} font
 * @param {string} color
 * @param {number} [most] CSS pixels: longer text is squeezed
 */
function text(context, what, left, base, font, color, most) {
  context.font = font;
  context.fillStyle = color;
  context.fillText(what, left, base, most);
}
