// The public types. Names and meanings are those of the field, so that existing code compiles.

export type * from "./types/events";
export type * from "./types/options";
export type * from "./types/tracker";
