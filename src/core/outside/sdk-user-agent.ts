/** How our SDK names itself to a server, which records what it sends under `sdk`. */
export const sdkUserAgent = 'callmeter-sdk';
