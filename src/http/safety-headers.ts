/** No script, no frame, nothing from elsewhere: upstream's files are served beside our page. */
export const safetyHeaders = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-downloads",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;
