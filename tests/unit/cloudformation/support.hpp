#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "cloudformation/evaluate.hpp"
#include "cloudformation/parse.hpp"
#include "doc/json_reader.hpp"
#include "doc/json_writer.hpp"
#include "util/strings.hpp"

namespace cloudformation_test {

inline doc::Node json(std::string_view text) {
  // Single quotes keep the tests readable.
  auto node = doc::read_json(util::replace_all(text, "'", "\""));
  return node ? std::move(*node) : doc::Node{"not JSON"};
}

inline cloudformation::Template parsed(std::string_view text) {
  return cloudformation::parse(json(text)).value();
}

inline std::string parse_error(std::string_view text) {
  auto t = cloudformation::parse(json(text));
  return t ? "" : t.error().message;
}

// Resources answer Ref with "<id>-physical" and an attribute with "<id>.<attribute>".
class EchoSurroundings : public cloudformation::Surroundings {
 public:
  cloudformation::Evaluated<doc::Node> ref(const cloudformation::Resource& r) const override {
    return doc::Node{r.id.str() + "-physical"};
  }

  cloudformation::Evaluated<doc::Node> attribute(const cloudformation::Resource& r,
                                                 std::string_view name) const override {
    return doc::Node{r.id.str() + "." + std::string(name)};
  }

  cloudformation::Evaluated<doc::Node> imported(std::string_view name) const override {
    if (name == "shared-vpc") {
      return doc::Node{"vpc-1"};
    }
    return util::unexpected("No export named " + std::string(name) + " found.");
  }

  cloudformation::Evaluated<std::string> dynamic(
      const cloudformation::DynamicReference& r) const override {
    return r.service + "<" + util::join(r.segments, "|") + ">";
  }
};

}  // namespace cloudformation_test
