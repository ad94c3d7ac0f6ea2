// Charts over time as SVG: stacked bars or lines, drawn at the width there is.

import { h } from "./dom";
import { chart as texts } from "./texts";
import { clock, full, shortDate } from "./time";

/** One quantity; `name` is the class by which it is coloured. */
export interface Layer {
  name: string;
  label: string;
  values: number[];
}

export interface Series {
  /** Beginnings of the steps, in milliseconds since 1970. */
  times: number[];
  /** Length of a step in seconds. */
  step: number;
  layers: Layer[];
  /** Bars stand on each other, lines do not. */
  kind: "bars" | "lines";
  /** How a value is written. */
  format: (value: number) => string;
}

const NS = "http://www.w3.org/2000/svg";
const HEIGHT = 190;
const LEFT = 46;
const BOTTOM = 22;
const TOP = 8;
const DAY = 86_400;
/** Room for one label of the time. */
const LABEL = 64;
const NICE = [60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 84 * DAY];

function svg(tag: string, attributes: Record<string, string | number>, ...children: (Node | string)[]): SVGElement {
  const element = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** The next round number: 1, 2 or 5 times a power of ten. */
export function round(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((one) => one * power >= value) ?? 10) * power;
}

/** Whether a label stands at a step: at round times of the reader's zone, and not too often. */
function labelled({ step }: Series, size: number): (time: number) => boolean {
  const least = Math.max(Math.ceil(LABEL / size) * step, step >= 2 * 3_600 ? DAY : 0);
  const nice = NICE.find((one) => one >= least) ?? least;
  return (time) => (time / 1_000 - new Date(time).getTimezoneOffset() * 60) % nice < step;
}

function label({ step }: Series, time: number): string {
  const date = new Date(time);
  return step >= 2 * 3_600 ? shortDate(date) : clock(date).slice(0, 5);
}

export class Chart {
  readonly element: HTMLElement;
  private readonly readout = h("p", { class: "readout", "aria-hidden": "true" });
  private readonly canvas = h("div", { class: "canvas" });
  private readonly legend = h("ul", { class: "chart-key" });
  private readonly table = h("div", { class: "scroll", tabindex: 0 });
  private readonly csv: HTMLAnchorElement;
  private series: Series | null = null;
  private width = 0;

  constructor(private readonly title: string) {
    this.csv = h("a", { download: true }, texts.csv);
    this.element = h(
      "figure",
      { class: "sheet chart" },
      h("figcaption", {}, h("h2", {}, title), this.readout),
      this.legend,
      this.canvas,
      h("details", {}, h("summary", {}, texts.table), this.table),
      h("p", { class: "csv" }, this.csv),
    );
    new ResizeObserver(() => {
      if (Math.round(this.canvas.clientWidth) !== this.width) this.draw();
    }).observe(this.canvas);
    this.canvas.addEventListener("pointermove", (event) => this.point(event.offsetX));
    this.canvas.addEventListener("pointerleave", () => this.point(null));
  }

  show(series: Series, csv: string): void {
    this.series = series;
    this.csv.href = csv;
    this.legend.replaceChildren(
      ...series.layers.map(({ name, label }) => h("li", {}, h("i", { class: name, "aria-hidden": "true" }), label)),
    );
    this.legend.hidden = series.layers.length < 2;
    this.draw();
    this.fillTable(series);
  }

  private fillTable({ times, layers, format }: Series): void {
    const rows = times.map((time, index) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, full(new Date(time))),
        ...layers.map(({ values }) => h("td", {}, format(values[index] ?? 0))),
      ),
    );
    this.table.replaceChildren(
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, texts.time), ...layers.map((one) => h("th", { scope: "col" }, one.label)))),
        h("tbody", {}, ...rows.reverse()),
      ),
    );
  }

  private sums(): number[] {
    const { times, layers } = this.series!;
    return times.map((_, index) => layers.reduce((sum, one) => sum + (one.values[index] ?? 0), 0));
  }

  private draw(): void {
    const { series } = this;
    this.width = Math.round(this.canvas.clientWidth);
    if (series === null || this.width === 0) return;
    const highest = series.kind === "bars" ? this.sums() : series.layers.flatMap((one) => one.values);
    const most = round(Math.max(0, ...highest));
    const y = (value: number): number => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / most);
    const image = svg("svg", {
      viewBox: `0 0 ${this.width} ${HEIGHT}`,
      width: this.width,
      height: HEIGHT,
      role: "img",
      "aria-label": texts.describe(this.title, series.format(Math.max(0, ...highest))),
    });
    for (const part of [0, 0.5, 1]) {
      const at = y(most * part);
      image.append(
        svg("line", { class: "grid", x1: LEFT, x2: this.width, y1: at, y2: at }),
        svg("text", { class: "tick", x: LEFT - 8, y: at + 4, "text-anchor": "end" }, series.format(most * part)),
      );
    }
    const x = this.places(series);
    const stands = labelled(series, x.size);
    series.times.forEach((time, index) => {
      if (!stands(time) || x.at(index) + 34 > this.width) return;
      image.append(svg("text", { class: "tick", x: x.at(index), y: HEIGHT - 5 }, label(series, time)));
    });
    image.append(svg("rect", { class: "here", x: 0, y: TOP, width: 0, height: HEIGHT - TOP - BOTTOM }));
    if (series.kind === "bars") this.bars(image, series, x, y);
    else this.lines(image, series, x, y);
    this.canvas.replaceChildren(image);
  }

  private places({ times }: Series): { size: number; at: (index: number) => number } {
    const size = (this.width - LEFT) / Math.max(1, times.length);
    return { size, at: (index) => LEFT + index * size };
  }

  private bars(image: SVGElement, series: Series, x: ReturnType<Chart["places"]>, y: (value: number) => number): void {
    const gap = x.size > 5 ? 1.5 : 0.5;
    const base = series.times.map(() => 0);
    for (const { name, values } of series.layers) {
      let path = "";
      values.forEach((value, index) => {
        if (value <= 0) return;
        const from = base[index]!;
        base[index] = from + value;
        path += `M${x.at(index).toFixed(1)} ${y(from).toFixed(1)}V${y(from + value).toFixed(1)}h${(x.size - gap).toFixed(1)}V${y(from).toFixed(1)}Z`;
      });
      image.append(svg("path", { class: `bar ${name}`, d: path }));
    }
  }

  private lines(image: SVGElement, series: Series, x: ReturnType<Chart["places"]>, y: (value: number) => number): void {
    for (const { name, values } of series.layers) {
      const points = values.map((value, index) => `${(x.at(index) + x.size / 2).toFixed(1)},${y(value).toFixed(1)}`);
      image.append(svg("polyline", { class: `line ${name}`, points: points.join(" ") }));
    }
  }

  private point(at: number | null): void {
    const { series } = this;
    const mark = this.canvas.querySelector(".here");
    if (series === null || mark === null) return;
    const x = this.places(series);
    const index = at === null ? -1 : Math.floor((at - LEFT) / x.size);
    const time = series.times[index];
    mark.setAttribute("width", time === undefined ? "0" : String(x.size));
    mark.setAttribute("x", String(x.at(index)));
    if (time === undefined) {
      this.readout.textContent = "";
      return;
    }
    const date = new Date(time);
    const hour = series.step < 60 ? clock(date) : clock(date).slice(0, 5);
    const when = series.step >= DAY ? shortDate(date) : `${shortDate(date)} ${hour}`;
    const said = series.layers
      .map((one): [string, number] => [one.label, one.values[index] ?? 0])
      .filter(([, value]) => value > 0 || series.layers.length < 3)
      .map(([name, value]) => `${name} ${series.format(value)}`);
    this.readout.textContent = [when, ...said].join(" · ");
  }
}
