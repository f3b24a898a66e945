import { SiriusError } from '../core/errors.js';

/** Does what reads a flag elsewhere, but lets its errors name the argument that the user typed instead. */
export function blamingArgument<T>(
  { flag, argument }: { flag: string; argument: string },
  action: () => T,
): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof SiriusError) || !error.message.startsWith(`${flag}: `)) throw error;
    const { code, hint, exitCode, cause } = error;
    throw new SiriusError({
      code,
      message: `${argument}${error.message.slice(flag.length)}`,
      hint,
      exitCode,
      cause,
    });
  }
}
