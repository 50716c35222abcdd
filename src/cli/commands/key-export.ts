import { writeFileAtomically } from '../../core/files.ts';
import { publicKeyOf } from '../../keys/own-key.ts';
import { boolFlag, type Handler, stringFlag } from '../command.ts';
import { configOf } from '../session.ts';

export const run: Handler = async (invocation) => {
  const { flags, args, env } = invocation;
  const config = await configOf(invocation);
  const key = await publicKeyOf({ config, env }, args[0]);
  const bytes = boolFlag(flags, 'binary') ? key.binary : Buffer.from(key.armored);
  const output = stringFlag(flags, 'output');
  if (output === undefined) return { lines: [], bytes };
  await writeFileAtomically(output, bytes);
  return { lines: [`wrote ${output}`] };
};
