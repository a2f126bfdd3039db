import assert from 'node:assert/strict';
import { isAbsolute } from 'node:path';
import { globalStorageFolders } from '../../../src/sources/editor-storage.ts';

describe('globalStorageFolders', () => {
	const home = '/home/dev';

	it('knows where editors keep their data on Linux, their servers among them', () => {
		const folders = globalStorageFolders({ home, env: {}, platform: 'linux' });
		assert.ok(folders.includes('/home/dev/.config/Code/User/globalStorage'));
		assert.ok(folders.includes('/home/dev/.config/Cursor/User/globalStorage'));
		assert.ok(folders.includes('/home/dev/.vscode-server/data/User/globalStorage'));
		assert.ok(folders.every(isAbsolute));
		assert.equal(new Set(folders).size, folders.length);
	});

	it('follows XDG_CONFIG_HOME', () => {
		const folders = globalStorageFolders({ home, env: { XDG_CONFIG_HOME: '/data/config' }, platform: 'linux' });
		assert.ok(folders.includes('/data/config/VSCodium/User/globalStorage'));
	});

	it('knows the folder for applications on macOS', () => {
		const folders = globalStorageFolders({ home, env: {}, platform: 'darwin' });
		assert.ok(folders.includes('/home/dev/Library/Application Support/Code/User/globalStorage'));
	});

	it('follows APPDATA on Windows', () => {
		const [first] = globalStorageFolders({ home, env: { APPDATA: '/users/dev/roaming' }, platform: 'win32' });
		assert.equal(first, '/users/dev/roaming/Code/User/globalStorage');
	});
});
