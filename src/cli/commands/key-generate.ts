import { makeKey } from '../../keys/own-key.ts';
import type { Handler } from '../command.ts';
import { configOf } from '../session.ts';

export const run: Handler = async (invocation) => {
  const config = await configOf(invocation);
  const key = await makeKey({ config, env: invocation.env, now: () => new Date() });
  const lines = [
    key.created ? 'made a new signing key' : 'there is a signing key already; it was left as it is',
    `fingerprint: ${key.fingerprint}`,
    `private key: ${key.privatePath}`,
    `public key:  ${key.publicPath}`,
  ];
  return { lines, json: key };
};
