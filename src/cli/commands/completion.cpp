#include "cli/commands/completion.hpp"

#include <string_view>

#include "cli/options.hpp"
#include "cli/session.hpp"

namespace cli {
namespace {

// All three ask `docker-ecs __complete <words>` and read its answer: "word<TAB>description" lines,
// then ":<directive>", where 0 asks for file names, 16 for directories, 4 for neither.

constexpr std::string_view kBash =
    R"sh(# bash completion for docker-ecs: source <(docker-ecs completion bash)
_docker_ecs() {
  local words=() word last answer directive line prefix=""
  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    # readline splits at "=": put --flag=value together again
    last=$((${#words[@]} - 1))
    if ((last >= 0)) && { [[ $word == "=" ]] || [[ ${words[last]} == *= ]]; }; then
      words[last]+=$word
    else
      words+=("$word")
    fi
  done
  word=${words[-1]}
  [[ $word == --*=* ]] && prefix="${word%%=*}="
  answer=$(docker-ecs __completeNoDesc "${words[@]}" 2>/dev/null) || return
  directive=${answer##*:}
  COMPREPLY=()
  while IFS= read -r line; do
    [[ $line == :* || -z $line ]] || COMPREPLY+=("${line#"$prefix"}")
  done <<<"$answer"
  case $directive in
    0) compopt -o filenames; mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${word#"$prefix"}") ;;
    16) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "${word#"$prefix"}") ;;
  esac
}
complete -F _docker_ecs docker-ecs
)sh";

constexpr std::string_view kZsh = R"sh(#compdef docker-ecs
# zsh completion for docker-ecs: docker-ecs completion zsh > "${fpath[1]}/_docker-ecs"
_docker_ecs() {
  local answer directive line
  local -a found
  answer=$(docker-ecs __complete "${(@)words[2,CURRENT]}" 2>/dev/null) || return
  directive=${answer##*:}
  for line in "${(@f)answer}"; do
    [[ $line == :* || -z $line ]] || found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done
  (( ${#found} )) && _describe 'docker-ecs' found
  case $directive in
    0) _files ;;
    16) _files -/ ;;
  esac
}
if [[ $funcstack[1] == _docker-ecs ]]; then
  _docker_ecs "$@"
else
  compdef _docker_ecs docker-ecs
fi
)sh";

constexpr std::string_view kFish =
    R"sh(# fish completion for docker-ecs: docker-ecs completion fish | source
function __docker_ecs_complete
  set -l words (commandline -opc)[2..-1] (commandline -ct)
  set -l answer (docker-ecs __complete $words 2>/dev/null)
  or return
  for line in $answer[1..-2]
    echo $line
  end
  switch $answer[-1]
    case ':0'
      __fish_complete_path (commandline -ct)
    case ':16'
      __fish_complete_directories (commandline -ct)
  end
end
complete -c docker-ecs -f -a '(__docker_ecs_complete)'
)sh";

template <const std::string_view& Script>
ExitCode print_script(Session& session, const Options&) {
  session.print(Script);
  return ExitCode::ok;
}

}  // namespace

Command completion_command() {
  return {
      .name = "completion",
      .summary = "Generate a shell completion script",
      .details =
          "For the program run alone. As a plugin it needs none: docker's own completion asks it.",
      .children =
          {
              {.name = "bash", .summary = "For bash", .run = print_script<kBash>},
              {.name = "fish", .summary = "For fish", .run = print_script<kFish>},
              {.name = "zsh", .summary = "For zsh", .run = print_script<kZsh>},
          },
  };
}

}  // namespace cli
