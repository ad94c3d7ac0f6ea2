// Turns the state that is handed from function to function into variables that they share: what
// takes `t`, the state of a tracker, moves into the function that makes a tracker, and `t._level`
// becomes a variable. It does the same in fewer words.

import { parse } from "acorn";

const STATE = "t";
const MAKER = "makeTracker";

/** Every node of a tree, with its parent. */
function* nodes(node, parent = null) {
  if (Array.isArray(node)) for (const one of node) yield* nodes(one, parent);
  else if (node && typeof node.type === "string") {
    yield [node, parent];
    for (const [key, part] of Object.entries(node)) if (key !== "type") yield* nodes(part, node);
  }
}

const isState = (node) => node?.type === "Identifier" && node.name === STATE;

/** A bundle whose trackers hold their state in variables. Throws where the state is used otherwise. */
export function closure(code) {
  const { body } = parse(code, { ecmaVersion: 2022, sourceType: "module" });
  const edits = [];
  const known = new Set();
  const stateful = new Map();
  let maker;
  for (const node of body) {
    const made = node.type === "VariableDeclaration" && node.declarations.length === 1 ? node.declarations[0] : null;
    const callable = node.type === "FunctionDeclaration" ? node : made?.init;
    const name = node.id?.name ?? made?.id?.name;
    known.add(name);
    if (name === MAKER) maker = node;
    if (callable && isState(callable.params?.[0])) stateful.set(name, { node, callable });
  }

  const first = (list, end) => [list[0].start, list[1]?.start ?? end ?? list[0].end, ""];
  const variables = new Set();
  const variable = (name) => {
    variables.add(`state${name}`);
    return `state${name}`;
  };
  const inside = [maker, ...[...stateful.values()].map(({ node }) => node)];
  const settled = new Set();
  let start;
  for (const { callable } of stateful.values()) {
    edits.push(first(callable.params));
    settled.add(callable.params[0]);
  }
  for (const [node, parent] of nodes(inside)) {
    // A part that is left out may still be called where that is never reached.
    const left = isState(node.arguments?.[0]) && node.callee.type === "Identifier" && !known.has(node.callee.name);
    if (node.type === "CallExpression" && (left || stateful.has(node.callee.name))) {
      if (!isState(node.arguments[0])) throw new Error(`${node.callee.name} without the state`);
      edits.push(first(node.arguments));
      settled.add(node.arguments[0]).add(node.callee);
    } else if (node.type === "MemberExpression" && isState(node.object) && !node.computed) {
      edits.push([node.start, node.end, variable(node.property.name)]);
      settled.add(node.object);
    } else if (node.type === "VariableDeclaration" && isState(node.declarations[0].id)) {
      // The state as it is in the beginning.
      start = { node, given: new Set() };
      const { properties } = node.declarations[0].init;
      edits.push([node.start, properties[0].start, "let "]);
      for (const { key, value } of properties) {
        start.given.add(variable(key.name));
        edits.push([key.start, value.start, `${variable(key.name)} = `]);
      }
      edits.push([properties.at(-1).end, node.end, ";"]);
      settled.add(node.declarations[0].id);
    } else if (isState(node) && !settled.has(node) && parent.type !== "Property") {
      throw new Error(`the state is used as a whole: ${code.slice(node.start, node.start + 60)}`);
    } else if (node.type === "Identifier" && stateful.has(node.name) && !settled.has(node)) {
      const { node: own } = stateful.get(node.name);
      const declares = own.id === node || own.declarations?.[0].id === node;
      const names = (parent.type === "MemberExpression" && !parent.computed) || (parent.type === "Property" && parent.key === node);
      if (!declares && !names) throw new Error(`${node.name} is used as a value`);
    }
  }

  const edited = (from, to) => {
    let text = "";
    let at = from;
    for (const [begin, end, put] of edits.filter(([begin]) => begin >= from && begin < to).sort((a, b) => a[0] - b[0])) {
      text += code.slice(at, begin) + put;
      at = end;
    }
    return text + code.slice(at, to);
  };
  const moved = [...stateful.values()].map(({ node }) => edited(node.start, node.end)).join("\n");
  const later = [...variables].filter((name) => !start.given.has(name));
  const block = maker.body.start + 1;
  const rest = body
    .filter((node) => node !== maker && ![...stateful.values()].some((one) => one.node === node))
    .map((node) => code.slice(node.start, node.end));
  const whole = `${edited(maker.start, block)}\nlet ${later.join(", ")};\n${moved}\n${edited(block, maker.end)}`;
  return [...rest, whole].join("\n");
}
