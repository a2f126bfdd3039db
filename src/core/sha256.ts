/** SHA-256 of the UTF-8 bytes of `text`, as 64 lower-case hex digits. Handed in by the caller, so that core stays free of I/O and of Node. */
export type Sha256 = (text: string) => string;
