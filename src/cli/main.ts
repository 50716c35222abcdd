import { keepCompiledCode } from './compiled-code.ts';

// Before anything else is loaded: only what comes after is kept.
keepCompiledCode(process.env);
await import('./start.ts');
