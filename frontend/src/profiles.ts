// The configuration beside what a profile asks of it.

import { h } from "./dom";
import { plain } from "./plain";
import { desk as texts } from "./texts";

interface Requirement {
  status: "met" | "not met" | "yours to do";
  asks: string;
  rule: string;
  option: string | null;
  value: unknown;
  needs: string | null;
}

export interface Profile {
  profile: string;
  about: string;
  chosen: boolean;
  met: number;
  not_met: number;
  yours: number;
  note: string;
  requirements: Requirement[];
}

const ORDER = ["not met", "met", "yours to do"] as const;

function written(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  return plain(Array.isArray(value) ? value.join(",") || "–" : String(value), 200);
}

function requirement(one: Requirement): HTMLElement {
  const setting =
    one.option !== null &&
    h("p", { class: "setting" }, h("code", {}, `${one.option} = ${written(one.value)}`), one.status === "not met" && ` ${texts.needs(one.needs ?? "")}`);
  return h("li", {}, h("span", {}, one.asks), " ", h("span", { class: "place" }, one.rule), setting);
}

function part(profile: Profile, status: (typeof ORDER)[number]): HTMLElement | null {
  const rows = profile.requirements.filter((one) => one.status === status);
  if (rows.length === 0) return null;
  const kind = status.replaceAll(" ", "-");
  return h("section", { class: kind }, h("h3", {}, texts.status[status], " ", h("span", { class: "quiet" }, String(rows.length))), h("ul", {}, ...rows.map(requirement)));
}

function view(profile: Profile): HTMLElement[] {
  const parts = ORDER.map((status) => part(profile, status)).filter((one) => one !== null);
  return [
    h("p", { class: "about" }, `${profile.about}. `, h("b", {}, profile.chosen ? texts.chosen : texts.notChosen(profile.profile))),
    h("div", { class: "requirements" }, ...parts),
    h("p", { class: "quiet" }, profile.note),
  ];
}

/** Shows one profile, and buttons to see the others. */
export function showProfiles(names: HTMLElement, place: HTMLElement, profiles: readonly Profile[]): void {
  const choose = (wanted: Profile): void => {
    for (const button of names.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.value === wanted.profile));
    }
    place.replaceChildren(...view(wanted));
  };
  names.replaceChildren(
    ...profiles.map((one) => {
      const button = h("button", { type: "button", value: one.profile }, one.profile);
      button.addEventListener("click", () => choose(one));
      return button;
    }),
  );
  const first = profiles.find((one) => one.chosen) ?? profiles[0];
  if (first !== undefined) choose(first);
}
