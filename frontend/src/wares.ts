// What the demo shop sells, and its pictures, drawn in a few shapes.

import { shop as texts } from "./texts";

export interface Ware {
  slug: keyof typeof texts.wares;
  price: number;
  /** Shapes: element, and its attributes; colours are classes. */
  picture: readonly (readonly [string, Record<string, string | number>])[];
}

const rect = (x: number, y: number, width: number, height: number, cls: string, rx = 2) =>
  ["rect", { x, y, width, height, rx, class: cls }] as const;
const path = (d: string, cls: string) => ["path", { d, class: cls }] as const;
const circle = (cx: number, cy: number, r: number, cls: string) => ["circle", { cx, cy, r, class: cls }] as const;

export const WARES: readonly Ware[] = [
  {
    slug: "correction-fluid",
    price: 4.5,
    picture: [
      rect(66, 20, 28, 26, "ink", 4),
      rect(72, 46, 16, 8, "line"),
      path("M52 62q0-8 8-8h40q8 0 8 8v52q0 8-8 8H60q-8 0-8-8z", "white edge"),
      rect(58, 72, 44, 26, "teal"),
      path("M64 88q8-8 16 0t16 0", "stroke-white"),
    ],
  },
  {
    slug: "notebook",
    price: 12,
    picture: [
      rect(44, 22, 74, 100, "rust", 4),
      rect(50, 22, 6, 100, "ink", 0),
      rect(68, 42, 38, 22, "white", 2),
      path("M74 50h26M74 57h18", "stroke-ink"),
      rect(104, 22, 5, 112, "gold", 0),
    ],
  },
  {
    slug: "fountain-pen",
    price: 38,
    picture: [
      path("M36 116l10-26 60-60q8-6 14 0t0 14l-60 60z", "blue"),
      path("M46 90l16 16-26 10z", "gold"),
      path("M36 116l14-14", "stroke-ink"),
      path("M92 44l14 14", "stroke-white"),
    ],
  },
  {
    slug: "ink",
    price: 9,
    picture: [
      rect(60, 24, 40, 20, "ink", 3),
      path("M52 54q0-8 8-8h40q8 0 8 8l8 58q0 8-8 8H52q-8 0-8-8z", "glass edge"),
      path("M47 84h66l4 28q0 6-8 6H51q-8 0-8-6z", "blue"),
      rect(64, 92, 32, 16, "white"),
    ],
  },
  {
    slug: "envelopes",
    price: 6,
    picture: [
      rect(34, 38, 92, 64, "gold", 3),
      rect(28, 46, 92, 64, "white edge", 3),
      path("M28 48l46 36 46-36", "stroke-ink"),
      circle(74, 86, 9, "rust"),
    ],
  },
  {
    slug: "eraser",
    price: 2,
    picture: [
      path("M40 90l44-50q4-4 10 0l30 26q4 4 0 8l-44 50q-4 4-8 0L40 98q-4-4 0-8z", "white edge"),
      path("M58 69l26-29q4-4 10 0l30 26q4 4 0 8l-26 30z", "teal"),
      path("M28 124h56", "stroke-ink"),
    ],
  },
];

export function wareOf(slug: string): Ware | undefined {
  return WARES.find((one) => one.slug === slug);
}

export function picture(ware: Ware): SVGElement {
  const ns = "http://www.w3.org/2000/svg";
  const image = document.createElementNS(ns, "svg");
  image.setAttribute("viewBox", "0 0 160 144");
  image.setAttribute("class", "ware");
  image.setAttribute("aria-hidden", "true");
  for (const [tag, attributes] of ware.picture) {
    const shape = document.createElementNS(ns, tag);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, String(value));
    image.append(shape);
  }
  return image;
}
