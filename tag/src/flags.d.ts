// Parts that a smaller build leaves out; the builder puts true or false in their place.
declare const __ACTIVITY__: boolean;
declare const __LINKER__: boolean;
declare const __GLOBAL_CONTEXTS__: boolean;
// Whether it is the script, which runs in a page for sure.
declare const __SCRIPT__: boolean;
