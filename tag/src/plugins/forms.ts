// Forms: which field was entered, what it became, what was sent. Passwords are never told.

import type { BrowserTracker } from "../types";
import { accepts, classes, dynamic, listeners, send } from "./sending";

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
type Transform = (value: string | null, about: unknown, field: Field) => string | null;

interface Options {
  useCapture?: boolean;
  forms?: Parameters<typeof accepts<HTMLFormElement>>[0] | ArrayLike<HTMLFormElement>;
  fields?: Parameters<typeof accepts<Field>>[0] & { transform?: Transform };
  events?: string[];
  targets?: EventTarget[];
}

interface Configuration {
  options?: Options;
  context?: unknown[];
}

const isField = (element: unknown): element is Field => /^(INPUT|SELECT|TEXTAREA)$/.test((element as Field).tagName);

const nameOf = (element: Field | HTMLFormElement): string =>
  [element.name, element.id, (element as Field).type, element.nodeName].find(
    (name) => name && typeof name === "string",
  )!;

const kindOf = (field: Field): string | null => (field.tagName === "INPUT" ? field.type || "text" : null);

/** The value that may be told. */
function valueOf(field: Field, about: unknown, transform?: Transform): string | null {
  const kind = kindOf(field) ?? "";
  if (kind === "password" || (kind === "checkbox" && !(field as HTMLInputElement).checked)) return null;
  return transform ? transform(field.value, about, field) : field.value;
}

/** The fields of a form that is sent. */
const valuesOf = (form: HTMLFormElement, accepted: (field: Field) => boolean, transform?: Transform) =>
  [...form.elements]
    .filter((field): field is Field => isField(field) && !/^(submit|image|password)$/.test(field.type) && accepted(field))
    .map((field) => {
      const kind = kindOf(field);
      const unset = kind === "radio" && !(field as HTMLInputElement).checked;
      const about = { name: nameOf(field), nodeName: field.nodeName, ...(kind && { type: kind }) };
      const plain = { ...about, value: unset ? null : valueOf(field, about) };
      return { ...about, value: transform && !unset ? transform(plain.value, plain, field) : plain.value };
    });

const { on, off } = listeners();

export function enableFormTracking(trackers: BrowserTracker[], configuration?: Configuration): void {
  const { options = {}, context } = configuration ?? {};
  const { forms, fields, events = ["change_form", "focus_form", "submit_form"], targets = [document] } = options;
  const listed = forms && "length" in forms ? [...Array.from(forms)] : undefined;
  const formAccepted = accepts<HTMLFormElement>(listed ? { filter: (form) => listed.includes(form) } : (forms as object), classes);
  const fieldAccepted = accepts<Field>(fields, (field) => [nameOf(field)]);
  off(trackers);
  for (const tracker of trackers) {
    const touched = (schema: string) => (event: Event) => {
      const field = event.composed ? event.composedPath()[0] : event.target;
      if (!isField(field) || !field.form || !fieldAccepted(field) || !formAccepted(field.form)) return;
      const type = kindOf(field);
      if (schema === "focus_form" && /^(checkbox|radio)$/.test(type ?? "")) return;
      const value = valueOf(field, field, fields?.transform) ?? null;
      const data = {
        formId: nameOf(field.form),
        elementId: nameOf(field),
        nodeName: field.nodeName,
        [schema === "focus_form" ? "elementType" : "type"]: type,
        elementClasses: classes(field),
      };
      // Here, no value is a value.
      send([tracker], schema, data, { context: dynamic(context, field, type, value) }, { keep: { value } });
    };
    const sent = ({ target }: Event): void => {
      const form = target as HTMLFormElement;
      if (form.tagName !== "FORM" || !formAccepted(form)) return;
      const elements = valuesOf(form, fieldAccepted, fields?.transform);
      const data = { formId: nameOf(form), formClasses: classes(form), elements };
      send([tracker], "submit_form", data, { context: dynamic(context, form, elements) });
    };
    for (const target of targets) {
      if (events.includes("focus_form")) on(tracker, target, "focus", touched("focus_form"));
      if (events.includes("change_form")) on(tracker, target, "change", touched("change_form"));
      if (events.includes("submit_form")) on(tracker, target, "submit", sent);
    }
  }
}

export const disableFormTracking = off;
