import assert from 'node:assert/strict';
import fc from 'fast-check';
import { maskSecrets } from '../../../src/core/mask-secrets.ts';

/** Made of pieces, so that no scanner of repositories takes these for real ones. */
const join = (...parts: string[]) => parts.join('');
const A40 = 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0';
const SECRETS: [kind: string, secret: string][] = [
	['anthropic', join('sk-', 'ant-api03-', A40, '-', A40, 'AA')],
	['openai', join('sk-', 'proj-', A40)],
	['openai', join('sk-', 'or-v1-', '0123456789abcdef'.repeat(4))],
	['openai', join('sk-', '0123456789abcdef0123456789abcdef')],
	['stripe', join('sk_', 'live_', A40.slice(0, 24))],
	['stripe', join('wh', 'sec_', A40.slice(0, 32))],
	['github', join('ghp_', A40.slice(0, 36))],
	['github', join('github_', 'pat_', A40.slice(0, 22), '_', A40)],
	['gitlab', join('gl', 'pat-', A40.slice(0, 20))],
	['slack', join('xo', 'xb-', '123456789012-', A40.slice(0, 24))],
	['slack', join('hooks.slack', '.com/services/', 'T00000000/B00000000/', A40.slice(0, 24))],
	['aws', join('AK', 'IA', 'IOSFODNN7EXAMPLE')],
	['google', join('AI', 'za', A40.slice(0, 35))],
	['google', join('ya', '29.', A40)],
	['npm', join('np', 'm_', A40.slice(0, 36))],
	['pypi', join('py', 'pi-AgE', A40)],
	['huggingface', join('h', 'f_', A40.slice(0, 34))],
	['xai', join('xa', 'i-', A40, A40)],
	['groq', join('gs', 'k_', A40, A40.slice(0, 12))],
	['perplexity', join('pp', 'lx-', A40, A40.slice(0, 8))],
	['replicate', join('r', '8_', A40.slice(0, 37))],
	['cerebras', join('cs', 'k-', A40, A40.slice(0, 8))],
	['sendgrid', join('S', 'G.', A40.slice(0, 22), '.', A40, '123')],
	['digitalocean', join('do', 'p_v1_', '0123456789abcdef'.repeat(4))],
	['jwt', join('ey', 'JhbGciOiJIUzI1NiJ9.', 'ey', 'JzdWIiOiIxMjM0NTY3ODkwIn0.', A40)],
];
const PEM = join('-----BEGIN RSA PRIVATE', ' KEY-----\n', `${A40}\n`.repeat(5), '-----END RSA PRIVATE', ' KEY-----');

describe('maskSecrets', () => {
	for (const [kind, secret] of SECRETS) {
		it(`masks a secret of kind ${kind}: ${secret.slice(0, 7)}…`, () => {
			for (const [before, after] of [
				['', ''],
				['key is ', ' and so on'],
				['"', '",'],
				['(', ')'],
				['\n', '\n'],
			] as const) {
				const { text, findings } = maskSecrets(before + secret + after);
				assert.equal(text, `${before}[masked ${kind}]${after}`);
				assert.deepEqual(findings, [{ kind, offset: before.length, length: `[masked ${kind}]`.length }]);
			}
		});
	}

	it('masks a private key in PEM, whole, also inside JSON text and when it is cut off', () => {
		assert.equal(maskSecrets(`a ${PEM} b`).text, 'a [masked private-key] b');
		const json = JSON.stringify({ key: PEM, next: 1 });
		assert.deepEqual(JSON.parse(maskSecrets(json).text), { key: '[masked private-key]', next: 1 });
		assert.equal(maskSecrets(PEM.slice(0, 150)).text, '[masked private-key]');
	});

	it('masks the credential of an authorization header and leaves the scheme', () => {
		assert.equal(maskSecrets(`Authorization: Bearer ${A40}`).text, 'Authorization: Bearer [masked authorization]');
		assert.equal(
			maskSecrets(`curl -H "Authorization: Basic ${A40}=="`).text,
			'curl -H "Authorization: Basic [masked authorization]"',
		);
		assert.equal(maskSecrets(`"authorization":"token ${A40}"`).text, '"authorization":"token [masked authorization]"');
	});

	it('masks the password of a connection string', () => {
		const masked = maskSecrets('DATABASE_URL=postgres://app:s3cr3t!pw@db.example.com:5432/app').text;
		assert.equal(masked, 'DATABASE_URL=postgres://app:[masked url-password]@db.example.com:5432/app');
	});

	it('masks random-looking values under telling names', () => {
		const masked = '[masked assignment]';
		for (const [text, expected] of [
			[`MY_API_KEY=${A40}`, `MY_API_KEY=${masked}`],
			[`export AWS_SECRET_ACCESS_KEY="${A40}"`, `export AWS_SECRET_ACCESS_KEY="${masked}"`],
			[`const clientSecret = '${A40}';`, `const clientSecret = '${masked}';`],
			[`{"accessToken":"${A40}"}`, `{"accessToken":"${masked}"}`],
			[`{\\"apiKey\\": \\"${A40}\\"}`, `{\\"apiKey\\": \\"${masked}\\"}`],
			[`AccountKey=${A40}==;EndpointSuffix=x`, `AccountKey=${masked};EndpointSuffix=x`],
			['DB_PASSWORD=hunter2x', `DB_PASSWORD=${masked}`],
			[`headers: { 'X-Api-Key': '${A40}' }`, `headers: { 'X-Api-Key': '${masked}' }`],
		] as const) {
			assert.equal(maskSecrets(text).text, expected);
		}
	});

	it('names a known token under a telling name for what it is', () => {
		const secret = join('ghp_', A40.slice(0, 36));
		assert.equal(maskSecrets(`GITHUB_TOKEN=${secret}`).findings[0]?.kind, 'github');
		assert.equal(maskSecrets(`Authorization: Bearer ${secret}`).findings[0]?.kind, 'github');
	});

	it('leaves code, prose and placeholders alone', () => {
		for (const text of [
			'const token = getToken(request, secondArgument2);',
			'const apiKey = process.env.OPENAI_API_KEY_2;',
			`API_KEY=${'$'}{OPENAI_API_KEY_1234567890}`,
			'API_KEY=your-api-key-goes-here-please',
			'password: string; secret?: string; accessToken: AccessToken2',
			'PASSWORD=changeme',
			'maxTokens=128000, totalTokens: 1234567890123456789',
			'the secret of token economics: 16 characters or more, e.g. this',
			'task-1234567890abcdefghijk is no key, nor is disk-0123456789abcdefghijklmno',
			'sk-learn-contrib-something-of-scikit',
			'https://user@example.com:8080/path and http://localhost:3000/a@b',
			'postgres://user:password@localhost/db',
			'ey' + 'JhbGciOiJIUzI1NiJ9',
			'-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----',
			'bearer of bad news, the authorization token is missing',
			'npm_config_registry npm_lifecycle_event',
			'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
			'[masked assignment] [masked github]',
		]) {
			assert.deepEqual(maskSecrets(text), { text, findings: [] });
		}
	});

	it('says where the masks stand in the text that is left', () => {
		const input = `a ${SECRETS[6]?.[1]} b ${SECRETS[11]?.[1]} c`;
		const { text, findings } = maskSecrets(input);
		assert.deepEqual(
			findings.map(({ offset, length }) => text.slice(offset, offset + length)),
			['[masked github]', '[masked aws]'],
		);
	});

	it('finds every secret, changes nothing else, and masking again changes nothing', () => {
		const piece = fc.oneof(
			fc.constantFrom(...SECRETS.map(([, secret]) => secret), PEM),
			fc.constantFrom('token = ', 'API_KEY="', 'Bearer ', 'sk-', 'eyJ', '://a:', 'x', '\\"', '\n', '=', '"', '日本'),
			fc.string(),
		);
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
				const input = pieces.join(' ');
				const once = maskSecrets(input);
				for (const [, secret] of SECRETS) assert.ok(!once.text.includes(secret), secret);
				assert.deepEqual(maskSecrets(once.text), { text: once.text, findings: [] });
			}),
			{ numRuns: 2000 },
		);
	});

	it('keeps JSON text valid', () => {
		fc.assert(
			fc.property(
				fc.array(fc.constantFrom(...SECRETS.map(([, secret]) => secret), PEM, 'a"b\\c'), { minLength: 1 }),
				(values) => {
					const json = JSON.stringify({ apiKey: values, password: values.join(' ') });
					assert.doesNotThrow(() => JSON.parse(maskSecrets(json).text));
				},
			),
		);
	});

	it('masks the secret at the end of a prompt of 20 MB, and loses nothing of the rest', function () {
		this.timeout(20_000);
		const prompt = 'const answer = await model.complete(messages); // 日本語\n'.repeat(400_000).slice(0, 20_000_000);
		const { text, findings } = maskSecrets(`${prompt} ${SECRETS[0]?.[1]}`);
		assert.equal(findings.length, 1);
		assert.equal(text, `${prompt} [masked anthropic]`);
	});

	it('takes hostile text in time in proportion to its length', function () {
		this.timeout(60_000);
		const hostile = [
			'sk-',
			'eyJ',
			'secret',
			'token=',
			'token="',
			'://',
			'://a:',
			'Bearer ',
			'-----BEGIN PRIVATE KEY-----',
			'xoxb-',
			'SG.',
			`eyJ${'a'.repeat(30)}.`,
			'PASSWORD=',
			'api_key : ',
		];
		for (const part of hostile) {
			const text = part.repeat(Math.ceil(2_000_000 / part.length));
			const start = performance.now();
			maskSecrets(text);
			const elapsedMs = performance.now() - start;
			assert.ok(elapsedMs < 3000, `${part}: ${elapsedMs.toFixed(0)} ms for 2 MB`);
		}
	});
});
