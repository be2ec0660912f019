#pragma once

#include <string>
#include <vector>

#include "compose/values.hpp"

namespace convert {

class Builder;

// A tag of the user's, from `x-aws-tags`: a mapping, or a list of "key=value".
struct UserTag {
  std::string key;
  std::string value;
};

// What cannot be a tag is left out; check_tags says so.
std::vector<UserTag> user_tags(const compose::Extensions& extensions);
void check_tags(Builder& builder, const compose::Extensions& extensions);

}  // namespace convert
