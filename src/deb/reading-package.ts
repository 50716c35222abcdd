import { about, isEspejoError } from '../core/errors.ts';
import { notAPackage } from './package-format.ts';

/** Runs `read`; its errors name the file, and those of an index become E_DEB_FORMAT: the file is the package itself. */
export function readingPackage<Value>(what: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (isEspejoError(cause, 'E_INDEX_SYNTAX')) throw notAPackage(what, tail(cause.message, what), cause);
    throw isEspejoError(cause, 'E_CONTROL_SYNTAX') ? about(what, cause) : cause;
  }
}

/** The message without the name of the file, which is at its front already. */
function tail(message: string, what: string): string {
  return message.startsWith(`${what}: `) ? message.slice(what.length + 2) : message;
}
