// Text from strangers, made harmless to the eye: nothing invisible, nothing that turns the line
// around, nothing endless.

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const PICTURES = 0x2400;
const DELETE = 0x7f;

function shown(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(PICTURES + code);
  if (code === DELETE) return "\u2421";
  return `⟨${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

/** One line of text, at most `max` characters long. */
export function plain(value: string, max = 300): string {
  const cut = value.length > max ? `${value.slice(0, max)}…` : value;
  return cut.replace(CONTROL, shown);
}

/** Text that may have several lines. */
export function plainLines(value: string, max: number): string {
  const cut = value.length > max ? value.slice(0, max) : value;
  return cut.replace(CONTROL, (character) =>
    character === "\n" || character === "\t" ? character : shown(character),
  );
}
