import { EspejoError } from './errors.ts';

const steps = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes for people, as aptly prints them: `512 B`, above that `0.50 KiB`, `1.25 MiB`, … with two decimals. */
export function formatBytes(bytes: number): string {
  if (bytes <= 512) return `${bytes} B`;
  let value = bytes / 1024;
  let step = 0;
  while (value > 512 && step < steps.length - 1) {
    value /= 1024;
    step += 1;
  }
  return `${value.toFixed(2)} ${steps[step]}`;
}

const factors: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/**
 * Reads a size: a number of bytes, or with `K`, `M`, `G`, `T` (also `KiB`, `KB`, …; always powers of 1024).
 * @throws E_CONFIG_INVALID
 */
export function parseBytes(text: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?\s*$/i.exec(text);
  const factor = match === null ? undefined : factors[(match[2] ?? '').toUpperCase()];
  if (match === null || factor === undefined) {
    throw new EspejoError('E_CONFIG_INVALID', `"${text}" is not a size`, {
      hint: 'write it as 4096, 512K, 20MiB or 2G',
    });
  }
  return Math.floor(Number(match[1]) * factor);
}

const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/**
 * Reads a duration (`90s`, `15m`, `4h`, `7d`, `2w`) into seconds.
 * @throws E_CONFIG_INVALID
 */
export function parseDuration(text: string): number {
  const match = /^\s*(\d+)\s*([smhdw])\s*$/.exec(text);
  const factor = match === null ? undefined : seconds[match[2] ?? ''];
  if (match === null || factor === undefined) {
    throw new EspejoError('E_CONFIG_INVALID', `"${text}" is not a duration`, {
      hint: 'write it as 90s, 15m, 4h, 7d or 2w',
    });
  }
  return Number(match[1]) * factor;
}

/**
 * Reads a share (`50%`, `50`) as a part of one.
 * @throws E_CONFIG_INVALID
 */
export function parsePercent(text: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*%?\s*$/.exec(text);
  const percent = Number(match?.[1]);
  if (match !== null && percent <= 100) return percent / 100;
  throw new EspejoError('E_CONFIG_INVALID', `"${text}" is not a share`, {
    hint: 'write it as 50%, from 0% to 100%',
  });
}
