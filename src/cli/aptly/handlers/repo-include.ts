import { resolve } from 'node:path';
import { about } from '../../../core/errors.ts';
import { compileTemplate, type Template } from '../../../go/go-template.ts';
import { loadVerifyingKeyring } from '../../../keys/verifying-keyring.ts';
import type { Keyring } from '../../../openpgp/contract.ts';
import { includeChanges } from '../../../repo/include-changes.ts';
import { readUploaders } from '../../../repo/uploaders.ts';
import { boolFlag, type Handler, listFlag, stringFlag } from '../../command.ts';
import { withApp } from '../../session.ts';
import { ignoresSignatures } from '../mirror-fetching.ts';
import { reportSkipped } from '../take-lines.ts';

export const run: Handler = async (invocation) => {
  const { args, cwd, flags } = invocation;
  const repo = repoTemplate(stringFlag(flags, 'repo') ?? '{{.Distribution}}');
  const uploadersFile = stringFlag(flags, 'uploaders-file') ?? '';
  const uploaders = uploadersFile === '' ? undefined : await readUploaders(resolve(cwd, uploadersFile));
  const failed = await withApp(invocation, async (app, job) => {
    const unverified = ignoresSignatures(flags, app.config);
    let keyring: Promise<Keyring> | undefined;
    const inclusion = {
      paths: args,
      read: (path: string) => resolve(cwd, path),
      acceptUnsigned: boolFlag(flags, 'accept-unsigned'),
      keyring: unverified
        ? undefined
        : () => {
            keyring ??= loadVerifyingKeyring(app, listFlag(flags, 'keyring'));
            return keyring;
          },
      forceReplace: boolFlag(flags, 'force-replace'),
      removeFiles: !boolFlag(flags, 'no-remove-files'),
      repo,
      uploaders,
    };
    return await includeChanges(app, inclusion, job);
  });
  reportSkipped(invocation, failed);
  return { lines: [] };
};

function repoTemplate(text: string): Template {
  try {
    return compileTemplate(text);
  } catch (error) {
    throw about('error parsing -repo template', error);
  }
}
