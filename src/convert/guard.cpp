#include "convert/guard.hpp"

#include <array>
#include <map>
#include <set>

#include "cloudformation/check.hpp"
#include "cloudformation/limits.hpp"
#include "convert/legacy_ids.hpp"

namespace convert {
namespace {

using Place = std::pair<std::uint32_t, std::uint32_t>;

Place place_of(const diag::Span& span) {
  return {span.file.value, span.begin};
}

// Everything that the user wrote into the template.
class UserParts {
 public:
  UserParts(const compose::Project& project, const cloudformation::Template& t) {
    const doc::Node* overlay = project.extensions.find("x-aws-cloudformation");
    const doc::Node* patch = project.extensions.find("x-aws-patch");
    for (const doc::Node* part : {overlay, patch}) {
      if (part != nullptr && !part->is_null()) {
        collect(*part);
        whole_ = part->span;
      }
    }
    const doc::Node* resources = overlay == nullptr ? nullptr : overlay->find("Resources");
    const doc::Mapping* mapping = resources == nullptr ? nullptr : resources->as_mapping();
    if (mapping != nullptr) {
      const LegacyIds legacy(project, t);
      for (const doc::Entry& entry : mapping->entries) {
        by_resource_.emplace(legacy.current(entry.key.value), entry.key.span);
      }
    }
    anything_goes_ = patch != nullptr && !patch->is_null();
  }

  // Where the user caused the finding; nothing when the converter did.
  [[nodiscard]] std::optional<diag::Span> cause(const cloudformation::Finding& finding) const {
    if (places_.contains(place_of(finding.span))) {
      return finding.span;
    }
    const auto resource = by_resource_.find(finding.resource);
    if (resource != by_resource_.end()) {
      return resource->second;
    }
    return anything_goes_ || (finding.resource.empty() && !places_.empty()) ? std::optional(whole_)
                                                                            : std::nullopt;
  }

 private:
  void collect(const doc::Node& node) {
    places_.insert(place_of(node.span));
    if (const doc::Mapping* mapping = node.as_mapping()) {
      for (const doc::Entry& entry : mapping->entries) {
        places_.insert(place_of(entry.key.span));
        collect(entry.value);
      }
    } else if (const doc::Sequence* list = node.as_sequence()) {
      for (const doc::Node& item : list->items) {
        collect(item);
      }
    }
  }

  std::set<Place> places_;
  std::map<std::string, diag::Span, std::less<>> by_resource_;
  diag::Span whole_;
  bool anything_goes_ = false;
};

}  // namespace

void guard(Builder& builder, const cloudformation::Template& t) {
  // What is larger is split, or refused when it is deployed; looking at it would only cost time.
  if (t.resources.size() > cloudformation::limits::kResources) {
    return;
  }
  const std::vector<cloudformation::Finding> findings = cloudformation::check(t);
  if (findings.empty()) {
    return;
  }
  const UserParts user(builder.project(), t);
  for (const cloudformation::Finding& finding : findings) {
    const auto cause = user.cause(finding);
    if (!cause) {
      builder.error(
          "convert.refused-by-aws",
          finding.span,
          "AWS would refuse what this becomes: " + finding.text(),
          "change the value; if the file is right, please report a fault of docker ecs, and mend the "
          "template with `x-aws-patch` until it is mended");
    } else if (finding.kind == cloudformation::Finding::Kind::schema) {
      builder.error("convert.bad-overlay", *cause, finding.text(), finding.help);
    } else {
      builder.warning("convert.doubtful-overlay", *cause, finding.text(), finding.help);
    }
  }
}

}  // namespace convert
