import { enableCompileCache } from 'node:module';
import { isAbsolute, join } from 'node:path';

/**
 * Lets Node keep the machine code of the modules that are loaded from now on, so that the next start is quicker. It
 * lies in the user's own cache directory: Node's default, below /tmp, is a place where others could put code. Without
 * a home, or when the directory cannot be written, nothing is kept; NODE_DISABLE_COMPILE_CACHE=1 turns it off.
 */
export function keepCompiledCode(env: Readonly<Record<string, string | undefined>>): void {
  const cache = env['XDG_CACHE_HOME'] ?? (env['HOME'] === undefined ? '' : join(env['HOME'], '.cache'));
  if (isAbsolute(cache)) enableCompileCache(join(cache, 'espejo', 'compiled'));
}
