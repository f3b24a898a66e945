import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from '@oclif/core';
import { describe, expect, test } from 'vitest';

// The whole command line as a golden file: a change of a name or a default is a difference in review.

const folder = fileURLToPath(new URL('../cli/commands', import.meta.url));

const commands = await Promise.all(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .map(async (file) => {
      const { default: command } = (await import(join(folder, file))) as { default: typeof Command };
      const words = file.replace(/\.ts$/, '').split('/');
      return { name: words.filter((word) => word !== 'index').join(' '), command };
    }),
);

test('commands, arguments, flags and defaults', async () => {
  const surface = commands.map(({ name, command }) => describeCommand(name, command)).join('\n');
  await expect(surface).toMatchFileSnapshot('golden/command-surface.txt');
});

describe.each(commands)('$name', ({ command }) => {
  test('has a summary and examples', () => {
    expect(command.summary).toMatch(/^[A-Z].*\.$/);
    // `--help` does not break it.
    expect(command.summary?.length).toBeLessThanOrEqual(80);
    expect(command.examples?.length).toBeGreaterThan(0);
  });

  test('has a description for every flag and argument', () => {
    for (const [name, { description }] of Object.entries({ ...command.flags, ...command.args })) {
      expect(description, name).toMatch(/\.$|'$/);
    }
  });

  test('prints JSON', () => {
    expect(command.enableJsonFlag).toBe(true);
  });
});

function describeCommand(name: string, command: typeof Command): string {
  const args = Object.entries(command.args).map(
    ([arg, { required }]) => `  ${required ? arg : `[${arg}]`}\n`,
  );
  const flags = Object.entries({ ...command.baseFlags, ...command.flags })
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([flag, definition]) => {
      const { char, options, multiple, allowNo } = definition as FlagShape;
      const title = `${char ? `-${char}, ` : ''}--${allowNo ? '[no-]' : ''}${flag}`;
      const values = options ? ` ${options.join('|')}` : '';
      const initial = definition.default === undefined ? '' : ` = ${definition.default}`;
      return `  ${title}${values}${multiple ? ' (repeated)' : ''}${initial}\n`;
    });
  return `${name}\n${args.join('')}${flags.join('')}`;
}

interface FlagShape {
  char?: string;
  options?: string[];
  multiple?: boolean;
  allowNo?: boolean;
}
