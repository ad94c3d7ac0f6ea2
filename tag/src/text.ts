// Encodings: base64url and SHA-1.

/** The bytes of a text in UTF-8, each as a character. */
// It is the shortest way and the fastest, and what the standard says of it will not change.
const bytes = (text: string): string => unescape(encodeURIComponent(text));

/** UTF-8, base64, URL-safe and without padding (R121, W35). */
export const base64url = (text: string): string =>
  btoa(bytes(text)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

/** Text of base64url. Throws for anything else. */
export const fromBase64url = (text: string): string =>
  new TextDecoder().decode(
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0)),
  );

/** The number of bytes of a text in UTF-8. */
export const byteLength = (text: string): number => bytes(text).length;

/** The first four hex digits of SHA-1 (R22), for texts in ASCII. */
export function shortHash(text: string): string {
  const words: number[] = [];
  const { length } = text;
  const size = ((length + 8) >> 6) * 16 + 16;
  // Behind the text stands one bit, which is what not-a-number becomes here.
  for (let i = 0; i <= length; i++) words[i >> 2]! |= (text.charCodeAt(i) || 128) << (24 - (i & 3) * 8);
  words[size - 1] = length * 8;
  const [first, second] = [0x67452301, 0xefcdab89];
  let hash = [first, second, ~first, ~second, 0xc3d2e1f0];
  for (let block = 0; block < size; block += 16) {
    const w = words.slice(block, block + 16);
    let [a, b, c, d, e] = hash as [number, number, number, number, number];
    for (let i = 0; i < 80; i++) {
      const x = w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!;
      w[i] = i > 15 ? (x << 1) | (x >>> 31) : w[i]! | 0;
      const quarter = (i / 20) | 0;
      const odd = b ^ c ^ d;
      const mixed = [d ^ (b & (c ^ d)), odd, (b & c) | (d & (b | c)), odd][quarter]!;
      const root = [2, 3, 5, 10][quarter]! ** 0.5 * 2 ** 30;
      [a, b, c, d, e] = [(((a << 5) | (a >>> 27)) + e + w[i]! + mixed + (root | 0)) | 0, a, (b << 30) | (b >>> 2), c, d];
    }
    hash = [a, b, c, d, e].map((value, i) => (value + hash[i]!) | 0);
  }
  return ((hash[0]! >>> 16) + 0x10000).toString(16).slice(1);
}
