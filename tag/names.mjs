// Chooses the short names of a minified script so that it compresses well. Which names are chosen
// makes no difference to what the script does: a name stays where no other means it.

import { gzipSync } from "node:zlib";
import { parse } from "acorn";

const LETTERS = [..."etnosricaduflpmgvyhwbkSOxIEACRPTDLMNjU$_BFGHJKVWXYZqzQ"];
const PLACEHOLDER = /^\$\d+\$$/;

const size = (code) => gzipSync(code, { level: 9 }).length;

/** The things that have a name of our choice: where each stands, and which others it must differ from. */
function analyse(code) {
  const tree = parse(code, { ecmaVersion: 2022, sourceType: "module" });
  const things = [];
  const members = new Map();
  const foreign = new Set();
  const uses = [];
  const scope = (up, isFunction) => ({ up, isFunction, names: new Map(), holds: new Set() });
  const root = scope(null, true);

  const thing = (kind) => {
    const made = { kind, spots: [], scopes: new Set(), before: "" };
    things.push(made);
    return made;
  };
  function declare(node, where, isVar) {
    let at = where;
    while (isVar && !at.isFunction) at = at.up;
    if (!at.names.has(node.name)) at.names.set(node.name, thing("variable"));
    uses.push([node, where, false]);
  }
  /** Names that a pattern declares; what it computes is an expression. */
  function pattern(node, where, isVar) {
    if (node === null) return;
    if (node.type === "Identifier") declare(node, where, isVar);
    else if (node.type === "ObjectPattern") {
      for (const one of node.properties) {
        if (one.type === "RestElement") pattern(one.argument, where, isVar);
        else {
          key(one, where);
          if (one.shorthand) shorthands.add(one.value.type === "AssignmentPattern" ? one.value.left : one.value);
          pattern(one.value, where, isVar);
        }
      }
    } else if (node.type === "ArrayPattern") for (const one of node.elements) pattern(one, where, isVar);
    else if (node.type === "RestElement") pattern(node.argument, where, isVar);
    else if (node.type === "AssignmentPattern") {
      pattern(node.left, where, isVar);
      visit(node.right, where);
    } else visit(node, where);
  }
  const shorthands = new Set();
  function member(node) {
    if (PLACEHOLDER.test(node.name)) {
      if (!members.has(node.name)) members.set(node.name, thing("member"));
      members.get(node.name).spots.push([node.start, node.end, ""]);
    } else foreign.add(node.name);
  }
  function key(node, where) {
    if (node.computed) visit(node.key, where);
    else if (node.shorthand) foreign.add(node.key.name);
    else if (node.key.type === "Identifier") member(node.key);
  }
  /** Declarations are known before anything in their scope is looked at. */
  function hoist(body, where) {
    for (const node of body) if (node.type === "FunctionDeclaration") declare(node.id, where, false);
  }
  function callable(node, where) {
    const inner = scope(where, true);
    if (node.id && node.type === "FunctionExpression") throw new Error("a named function expression");
    for (const one of node.params) pattern(one, inner, false);
    if (node.body.type === "BlockStatement") block(node.body.body, inner);
    else visit(node.body, inner);
  }
  function block(body, where) {
    hoist(body, where);
    for (const node of body) visit(node, where);
  }
  function visit(node, where) {
    if (!node || typeof node.type !== "string") return;
    switch (node.type) {
      case "Identifier":
        uses.push([node, where, true]);
        return;
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        callable(node, where);
        return;
      case "BlockStatement":
        block(node.body, scope(where, false));
        return;
      case "ForStatement":
      case "ForOfStatement":
      case "ForInStatement": {
        const inner = scope(where, false);
        for (const part of ["init", "left", "right", "test", "update", "body"]) visit(node[part], inner);
        return;
      }
      case "CatchClause": {
        const inner = scope(where, false);
        if (node.param) pattern(node.param, inner, false);
        block(node.body.body, inner);
        return;
      }
      case "VariableDeclaration":
        for (const one of node.declarations) {
          pattern(one.id, where, node.kind === "var");
          visit(one.init, where);
        }
        return;
      case "MemberExpression":
        visit(node.object, where);
        if (node.computed) visit(node.property, where);
        else member(node.property);
        return;
      case "Property":
        key(node, where);
        if (node.shorthand) shorthands.add(node.value);
        visit(node.value, where);
        return;
      case "ClassDeclaration":
      case "ClassExpression":
      case "LabeledStatement":
        throw new Error(`${node.type} is not known here`);
      default:
        for (const part of Object.values(node)) {
          if (Array.isArray(part)) for (const one of part) visit(one, where);
          else if (part && typeof part === "object") visit(part, where);
        }
    }
  }
  block(tree.body, root);
  // Each variable occupies the scopes between its declaration and its uses.
  const globals = new Map();
  for (const [node, where] of uses) {
    let at = where;
    while (at && !at.names.has(node.name)) at = at.up;
    const found = at ? at.names.get(node.name) : (globals.get(node.name) ?? thing("global"));
    if (!at) globals.set(node.name, found);
    found.before = node.name;
    found.spots.push([node.start, node.end, shorthands.has(node) ? `${node.name}:` : ""]);
    for (let up = where; up; up = up === at ? null : up.up) {
      found.scopes.add(up);
      up.holds.add(found);
    }
  }
  return { things: things.filter((one) => one.kind !== "global"), foreign };
}

/** The parts of a script between its names, and which name follows each. */
function split(code, things) {
  const spots = things
    .flatMap((one, index) => one.spots.map(([start, end, prefix]) => ({ start, end, prefix, index })))
    .sort((a, b) => a.start - b.start);
  const texts = [];
  let at = 0;
  for (const { start, end, prefix } of spots) {
    texts.push(code.slice(at, start) + prefix);
    at = end;
  }
  return { texts, order: spots.map(({ index }) => index), last: code.slice(at) };
}

function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A script whose members of our own are placeholders, with these names, or with usual ones. */
export function named(code, given) {
  const { things, foreign } = analyse(code);
  const { texts, order, last } = split(code, things);
  const free = LETTERS.flatMap((a) => [a, ...LETTERS.slice(0, 20).map((b) => a + b)])
    .sort((a, b) => a.length - b.length)
    .filter((name) => !foreign.has(name));
  let next = 0;
  const usual = things
    .map((one, index) => ({ one, index }))
    .sort((a, b) => b.one.spots.length - a.one.spots.length)
    .reduce((names, { one, index }) => {
      names[index] = one.kind === "member" ? free[next++] : one.before;
      return names;
    }, []);
  const names = given?.length === things.length ? given : usual;
  const render = (chosen) => texts.map((text, i) => text + chosen[order[i]]).join("") + last;
  return { things, names, foreign, render, code: render(names) };
}

/** Better names, looked for so many seconds. */
export function better(code, given, seconds, wrap, seed = 1) {
  const { things, names, foreign, render } = named(code, given);
  const pick = random(seed);
  const clashes = (a, b) =>
    things[a].kind === things[b].kind &&
    (things[a].kind === "member" || [...things[a].scopes].some((one) => things[b].scopes.has(one)));
  // Which differ from which never changes.
  const against = things.map((_, a) => things.flatMap((__, b) => (a !== b && clashes(a, b) ? [b] : [])));
  // Names of the page that a scope uses are not ours to take.
  const taken = things.map((one) => {
    const names = new Set();
    for (const where of one.scopes) for (const held of where.holds) if (held.kind === "global") names.add(held.before);
    return names;
  });
  const pool = things.map((one) => {
    const used = [...new Set(things.flatMap((other, i) => (other.kind === one.kind ? [names[i]] : [])))];
    return [...new Set([...used, ...LETTERS])];
  });
  let best = size(wrap(render(names)));
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const a = pick(things.length);
    const to = pool[a][pick(Math.min(pool[a].length, pick(3) ? 40 : 1000))];
    const from = names[a];
    if (to === from || taken[a].has(to) || (things[a].kind === "member" && foreign.has(to))) continue;
    // Those in the way take the name that becomes free, and so on where that is in the way again.
    const moved = new Map([[a, to]]);
    const queue = [a];
    while (queue.length > 0 && moved.size < 60) {
      const one = queue.pop();
      const now = moved.get(one);
      for (const b of against[one]) {
        if ((moved.get(b) ?? names[b]) !== now) continue;
        if (moved.has(b)) {
          queue.length = 0;
          moved.clear();
          break;
        }
        moved.set(b, now === to ? from : to);
        queue.push(b);
      }
    }
    if (moved.size === 0 || moved.size >= 60) continue;
    if ([...moved].some(([b, name]) => taken[b].has(name))) continue;
    const kept = [...moved].map(([b]) => [b, names[b]]);
    for (const [b, name] of moved) names[b] = name;
    const now = size(wrap(render(names)));
    if (now <= best) best = now;
    else for (const [b, name] of kept) names[b] = name;
  }
  return { names, code: render(names) };
}
