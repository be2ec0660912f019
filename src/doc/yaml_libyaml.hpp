#pragma once

#include <memory>
#include <string_view>

#include "diag/span.hpp"
#include "doc/yaml_events.hpp"

namespace doc {

// Events of any text, by libyaml; its faults in go-yaml's words. `text` must outlive it.
std::unique_ptr<YamlEvents> libyaml_events(std::string_view text, diag::FileId file);

}  // namespace doc
