/** The Overview page. */
export const overviewTexts = {
	'change.up': 'up',
	'change.down': 'down',
	'change.same': 'as before:',
	'change.none': 'no change',
	'change.fromNothing': 'from nothing',
	'change.points': '{points} pts',

	'overview.before.today': 'Changes are against yesterday up to this time of day.',
	'overview.before.7d': 'Changes are against the 7 days before, as far as these 7 have come.',
	'overview.before.30d': 'Changes are against the 30 days before, as far as these 30 have come.',
	'overview.before.dates': 'Changes are against as long a time before.',
	'overview.before.none': 'No call was recorded in the time before, so there is nothing to compare with.',
	'overview.before.span': 'Compared with {span}',

	'costliest.calls': 'Costliest calls',
	'costliest.tasks': 'Costliest tasks',
	'costliest.none': 'No priced calls in this range.',
	'costliest.share': '{share} of the cost',
	'costliest.shareOfPlan': '{share} of the API-equivalent',
	'costliest.tokens': '{input} in → {output} out',
	'costliest.whole': 'the whole task, since {start}',
	'costliest.calls.one': '{count} call',
	'costliest.calls.other': '{count} calls',
	'costliest.open': 'Open the call',
	'costliest.show': 'Show the calls of this task',

	'overview.sources': 'Sources',
	'overview.sources.manage': 'Manage sources',
	'overview.sources.calls.one': '{count} call',
	'overview.sources.calls.other': '{count} calls',
	'overview.sources.none': 'No agent with records was found on this machine.',
} as const;
