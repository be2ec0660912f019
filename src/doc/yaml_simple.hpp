#pragma once

#include <memory>
#include <string_view>

#include "doc/yaml_events.hpp"

namespace doc {

// Events of texts in the part of YAML that most files keep to: one document, collections in block
// and flow style, scalars on one line (plain, quoted, with the common escapes) and block scalars,
// comments, anchors, aliases and tags of values. Whatever else comes, and every fault, throws
// NotSimple, so that what it reads it reads as libyaml does. Null when the text as a whole is
// beyond it (tabs, carriage returns, control characters, a byte order mark, ill-formed UTF-8).
// `text` must outlive the events.
std::unique_ptr<YamlEvents> simple_yaml_events(std::string_view text);

}  // namespace doc
