/** The shells that `completion` knows, as words for a completion script. */
export const SHELL_NAMES = 'bash zsh fish';
