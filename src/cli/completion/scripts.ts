/** Shells that completion is offered for. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** The word by which shells ask what may follow. It is no command: help does not show it. */
export const completeWord = '__complete';

/** Where a shell looks for the script, for its help. */
export const installLines: Readonly<Record<Shell, string>> = {
	bash: 'echo \'eval "$(callmeter completion bash)"\' >> ~/.bashrc',
	zsh: 'echo \'eval "$(callmeter completion zsh)"\' >> ~/.zshrc    (after compinit)',
	fish: 'callmeter completion fish > ~/.config/fish/completions/callmeter.fish',
};

/**
 * The script of a shell. It asks the program at each Tab, and so knows what the installed version knows. What is typed is
 * handed on as data: nothing of it is run before Return is pressed.
 *
 * The answer is a line for each value, with a tab before what it means, and last a line that says what else may
 * stand there: `:files`, `:folders` or `:none`.
 */
export const scripts: Readonly<Record<Shell, string>> = {
	// Needs nothing beside bash 3.2. Words of bash end at ":" and "=", the program's do not: what is before them is cut off.
	bash: `# callmeter: completion for bash
_callmeter() {
	local program="\${COMP_WORDS[0]}" line="\${COMP_LINE:0:COMP_POINT}" current answer value word kind=:none
	case $program in "~/"*) program="$HOME/\${program:2}" ;; esac
	answer="$("$program" ${completeWord} bash "$line" 2>/dev/null)" || return 0
	word="\${line##*[[:space:]]}"
	current=""
	case $COMP_WORDBREAKS in *:*) case $word in *:*) current="\${word%:*}:" ;; esac ;; esac
	case $COMP_WORDBREAKS in *=*) case $word in --*=*) [ -n "$current" ] || current="\${word%%=*}=" ;; esac ;; esac
	COMPREPLY=()
	while IFS= read -r value; do
		case $value in
			:files | :folders | :none) kind=$value ;;
			?*)
				value="\${value%%$'\\t'*}"
				printf -v value '%q' "$value"
				COMPREPLY[\${#COMPREPLY[@]}]="\${value#"$current"}"
				;;
		esac
	done <<< "$answer"
	# Bash completes paths best itself: it knows quotes and "~". Before version 4 it cannot be told to from here.
	case $kind in
		:files) compopt -o default 2>/dev/null || COMPREPLY=( $(compgen -f -- "$2") ) ;;
		:folders) compopt -o dirnames 2>/dev/null || COMPREPLY=( $(compgen -d -- "$2") ) ;;
	esac
}
complete -F _callmeter callmeter
`,
	zsh: `#compdef callmeter
# callmeter: completion for zsh
_callmeter() {
	local program="\${words[1]/#\\~/$HOME}" line kind=:none
	local -a values plain
	for line in "\${(@f)$("$program" ${completeWord} zsh -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
		case $line in
			:files|:folders|:none) kind=$line ;;
			?*)
				if [[ $line == *$'\\t'* ]]; then
					values+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
				else
					plain+=("$line")
				fi
				;;
		esac
	done
	(( $#values )) && _describe -V callmeter values
	(( $#plain )) && compadd -V values -a plain
	case $kind in
		:files) _files ;;
		:folders) _files -/ ;;
	esac
}
if [[ \${zsh_eval_context[-1]} == loadautofunc ]]; then
	_callmeter "$@"
else
	compdef _callmeter callmeter
fi
`,
	fish: `# callmeter: completion for fish
function __callmeter_complete
	set -l words (commandline -opc)
	set -l current (commandline -ct)
	set -l program (string replace -r '^~(?=/)' $HOME -- $words[1])
	for line in ($program ${completeWord} fish -- $words[2..-1] "$current" 2>/dev/null)
		switch $line
			case ':none'
			case ':files'
				__fish_complete_path "$current"
			case ':folders'
				__fish_complete_directories "$current"
			case '*'
				printf '%s\\n' $line
		end
	end
end
complete -c callmeter -f -k -a '(__callmeter_complete)'
`,
};
