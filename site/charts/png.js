// A chart as a picture to paste: its title, what it shows, the lines, and a legend.

/** @typedef {{title: string, note: string, axis: string, entries: {color: string, dash: number[], name: string}[], ink: {text: string, strong: string, paper: string}}} Caption */

const MARGIN = 12; // CSS pixels, as all below
const LEGEND_ROW = 18;
const SWATCH_WIDTH = 24;
const TITLE_FONT = "bold 14px system-ui, sans-serif";
const SMALL_FONT = "11px system-ui, sans-serif";

/**
 * @param {HTMLCanvasElement} chart
 * @param {number} ratio its pixels in a CSS pixel
 * @param {Caption} caption
 * @returns {Promise<Blob>} a PNG
 */
export function picture(chart, ratio, { title, note, axis, entries, ink }) {
  const canvas = document.createElement("canvas");
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const width = chart.width / ratio + 2 * MARGIN;
  context.font = SMALL_FONT;
  const legend = flow(entries.map(({ name }) => SWATCH_WIDTH + 6 + context.measureText(name).width), width - 2 * MARGIN);
  const top = MARGIN + 18 + LEGEND_ROW;
  const below = top + chart.height / ratio + LEGEND_ROW;
  const rows = legend.length ? legend[legend.length - 1].row + 1 : 0;
  [canvas.width, canvas.height] = [Math.ceil(width * ratio), Math.ceil((below + rows * LEGEND_ROW + MARGIN) * ratio)];
  context.scale(ratio, ratio);
  context.fillStyle = ink.paper;
  context.fillRect(0, 0, width, canvas.height / ratio);
  captionText(context, title, MARGIN, MARGIN + 12, TITLE_FONT, ink.strong, width - 2 * MARGIN);
  captionText(context, note, MARGIN, MARGIN + 12 + LEGEND_ROW, SMALL_FONT, ink.text, width - 2 * MARGIN);
  context.drawImage(chart, MARGIN, top, chart.width / ratio, chart.height / ratio);
  context.textAlign = "right";
  captionText(context, axis, width - MARGIN - 18, below - 6, SMALL_FONT, ink.text);
  context.textAlign = "left";
  entries.forEach(({ color, dash, name }, place) => {
    const { left, row } = legend[place];
    const middle = below + row * LEGEND_ROW + LEGEND_ROW / 2;
    context.strokeStyle = color;
    context.lineWidth = 2.5;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(MARGIN + left, middle);
    context.lineTo(MARGIN + left + SWATCH_WIDTH, middle);
    context.stroke();
    captionText(context, name, MARGIN + left + SWATCH_WIDTH + 6, middle + 4, SMALL_FONT, ink.text, width - 2 * MARGIN - SWATCH_WIDTH - 6);
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
function captionText(context, what, left, base, font, color, most) {
  context.font = font;
  context.fillStyle = color;
  context.fillText(what, left, base, most);
}
