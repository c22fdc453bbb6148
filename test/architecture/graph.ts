/** What a file, or a folder, leads to. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

export const graphOf = (edges: Iterable<readonly [from: string, to: string]>): Graph => {
  const graph = new Map<string, Set<string>>();
  for (const [from, to] of edges) {
    if (from === to) continue;
    const known = graph.get(from);
    if (known) known.add(to);
    else graph.set(from, new Set([to]));
  }
  return graph;
};

/** The shortest way from a node back to itself, that node first and last; null where there is none. */
const wayBack = (graph: Graph, start: string): readonly string[] | null => {
  const before = new Map<string, string>();
  let nearest = [start];
  while (nearest.length > 0) {
    const next: string[] = [];
    for (const node of nearest) {
      for (const to of graph.get(node) ?? []) {
        if (to === start) {
          const way = [start];
          for (let at = node; at !== start; at = before.get(at) ?? start) way.unshift(at);
          return [start, ...way];
        }
        if (before.has(to)) continue;
        before.set(to, node);
        next.push(to);
      }
    }
    nearest = next;
  }
  return null;
};

const reachedFrom = (graph: Graph, start: string): ReadonlySet<string> => {
  const reached = new Set([start]);
  // A set that grows while it is read is read to its end.
  for (const node of reached) for (const to of graph.get(node) ?? []) reached.add(to);
  return reached;
};

/** Of each knot of nodes that all lead to each other the shortest circle, in the order of its edges. */
export const circlesOf = (graph: Graph): readonly (readonly string[])[] => {
  const done = new Set<string>();
  const circles: (readonly string[])[] = [];
  for (const start of [...graph.keys()].sort()) {
    if (done.has(start) || wayBack(graph, start) === null) continue;
    const knot = [...reachedFrom(graph, start)].filter((node) => reachedFrom(graph, node).has(start)).sort();
    for (const node of knot) done.add(node);
    const [shortest] = knot
      .map((node) => wayBack(graph, node))
      .filter((circle) => circle !== null)
      .sort((a, b) => a.length - b.length);
    if (shortest) circles.push(shortest);
  }
  return circles;
};
