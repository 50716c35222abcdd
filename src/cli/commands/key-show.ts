import { keyFacts } from '../../keys/key-facts.ts';
import { publicKeyOf } from '../../keys/own-key.ts';
import type { Handler } from '../command.ts';
import { configOf } from '../session.ts';

export const run: Handler = async (invocation) => {
  const config = await configOf(invocation);
  const { armored } = await publicKeyOf({ config, env: invocation.env }, invocation.args[0]);
  const { fingerprint, algorithm, createdAt, userIds } = await keyFacts(armored);
  const lines = [
    `fingerprint: ${fingerprint}`,
    `algorithm:   ${algorithm}`,
    `created:     ${createdAt.toISOString()}`,
    ...userIds.map((userId) => `user id:     ${userId}`),
  ];
  return { lines, json: { fingerprint, algorithm, createdAt, userIds } };
};
