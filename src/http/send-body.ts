import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';

/** A client that stops reading holds two of them. */
const chunkBytes = 256 * 1024;
/** Buffers that wait for the next answer. */
const idle: Buffer[] = [];
const maxIdle = 16;

/**
 * Sends a part of an open file as the rest of an answer whose head is written, and ends it: one piece is read while the
 * system takes the one before. A file that was cut short in place breaks the connection, or the client would take the
 * next answer for the rest of this one; so does an error of reading. A client that goes away ends it.
 */
export async function sendBody(
  handle: FileHandle,
  { start, length }: { readonly start: number; readonly length: number },
  response: ServerResponse,
): Promise<void> {
  const closed = new Promise<false>((settle) => response.once('close', () => settle(false)));
  const buffers = [borrow(), borrow()] as const;
  const pending: [Promise<boolean> | undefined, Promise<boolean> | undefined] = [undefined, undefined];
  let isWhole = false;
  try {
    let sent = 0;
    for (let turn: 0 | 1 = 0; sent < length; turn = turn === 0 ? 1 : 0) {
      const written = pending[turn];
      if (written !== undefined && !(await Promise.race([written, closed]))) return;
      const wanted = Math.min(chunkBytes, length - sent);
      const { bytesRead } = await handle.read(buffers[turn], 0, wanted, start + sent);
      if (bytesRead === 0 || response.destroyed) return;
      pending[turn] = write(response, buffers[turn].subarray(0, bytesRead));
      sent += bytesRead;
    }
    for (const written of pending)
      if (written !== undefined && !(await Promise.race([written, closed]))) return;
    isWhole = true;
  } finally {
    if (isWhole) {
      response.end();
      giveBack(buffers);
    } else response.destroy();
  }
}

/** Whether the system took it. */
function write(response: ServerResponse, chunk: Buffer): Promise<boolean> {
  return new Promise((settle) => {
    response.write(chunk, (error) => settle(error === null || error === undefined));
  });
}

function borrow(): Buffer {
  return idle.pop() ?? Buffer.allocUnsafeSlow(chunkBytes);
}

function giveBack(buffers: readonly Buffer[]): void {
  for (const buffer of buffers) if (idle.length < maxIdle) idle.push(buffer);
}
