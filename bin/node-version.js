import { readFileSync } from 'node:fs';

// Plain JavaScript of any age: it must run on a Node.js that is too old for the rest, and before there is a dist/.

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** `engines.node` of package.json without its `>=`: `20.12`. */
export const leastNodeVersion = engines.node.replace('>=', '');

/** What to say when this Node.js is older than that. */
export const nodeProblem = {
  message: `Node.js: expected ${leastNodeVersion} or newer, got ${process.versions.node}`,
  hint: 'Install a current Node.js, see https://nodejs.org.',
};

export function isNodeNewEnough(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  const [leastMajor, leastMinor] = leastNodeVersion.split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
