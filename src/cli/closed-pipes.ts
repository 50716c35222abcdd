import { systemCode } from '../core/errors.ts';
import { fileError } from '../core/files.ts';

/**
 * Lets the reader of `espejo plan | head` go away: what it does not want is dropped and the command ends as it would.
 * Any other failure to write, such as a full disk, is handed to `fail`.
 */
export function forgiveClosedPipes(stream: NodeJS.WritableStream, fail: (error: unknown) => void): void {
  stream.on('error', (error) => {
    if (systemCode(error) !== 'EPIPE') fail(fileError(error, 'cannot write the output'));
  });
}
