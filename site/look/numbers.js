// What NumPy does in the rules and landscapes, for one point: numbers, vectors, matrices.
const each = (f) => function on(a, b) {
  if (Array.isArray(a)) return a.map((v, i) => on(v, Array.isArray(b) ? b[b.length === 1 ? 0 : i] : b));
  return Array.isArray(b) ? b.map((v) => on(a, v)) : f(a, b);
};
const add = each((a, b) => a + b), sub = each((a, b) => a - b), mul = each((a, b) => a * b);
const div = each((a, b) => a / b), mod = each((a, b) => a % b);
const pow = each((a, n) => (n === 2 ? a * a : a ** n));
const shape = (a) => (Array.isArray(a) ? [a.length, ...shape(a[0])] : []);
const total = (a) => a.reduce((sum, v) => sum + v, 0);
const transposed = (m) => m[0].map((_, j) => m.map((row) => row[j]));
function matmul(a, b) {
  if (Array.isArray(a[0])) return a.map((row) => matmul(row, b));
  return transposed(b).map((column) => total(mul(a, column)));
}
function reshape(a, ...sizes) {
  sizes = sizes.flat();
  const all = a.flat(Infinity);
  const known = sizes.reduce((n, v) => (v < 0 ? n : n * v), 1);
  const last = sizes.map((v) => (v < 0 ? all.length / known : v)).pop();
  if (sizes.length === 1) return all;
  return Array.from({ length: all.length / last }, (_, i) => all.slice(i * last, (i + 1) * last));
}
function* count(n) { for (;; n += 1) yield n; }
function* range(n) { for (let i = 0; i < n; i += 1) yield i; }
function* enumerate(over, n = 0) { for (const item of over) yield [n++, item]; }
const np = {
  zeros_like: each(() => 0), sqrt: each(Math.sqrt), abs: each(Math.abs),
  sign: each(Math.sign), maximum: each((a, b) => Math.max(a, b)), array: (a) => a,
  sum: (a) => total(a), mean: (a) => total(a) / a.length, swapaxes: transposed,
  norm: (a) => [[Math.sqrt(total(a.flat().map((v) => v * v)))]],
  einsum(how, x, matrix, y) {
    if (how !== "...i,ij,...j->...") throw new Error(`einsum ${how} is not known`);
    return total(mul(matmul(x, matrix), y));
  },
};

const FAR = 1e100;
// As descend in descent.py: points, values, and the step of divergence, or false.
function descend(rule, landscape, start, steps, settings = {}) {
  const points = [start], values = [landscape.f(start)];
  const unknown = Object.keys(settings).filter((name) => !rule.takes.includes(name));
  if (unknown.length) throw new Error(`the rule takes no ${unknown}`);
  const run = rule.run(landscape.grad, start, ...rule.takes.map((name) => settings[name]));
  for (let t = 1; t <= steps; t += 1) {
    const point = run.next().value, value = landscape.f(point);
    if (!point.every(Number.isFinite) || !Number.isFinite(value)) {
      const near = Math.max(...points.at(-1).map(Math.abs)) < FAR;
      return { points, values, diverged: t, undefined: near && point.some(Number.isNaN) };
    }
    points.push(point);
    values.push(value);
  }
  return { points, values, diverged: false, undefined: false };
}
