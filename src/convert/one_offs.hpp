#pragma once

#include <string_view>

#include "compose/project.hpp"

namespace convert {

// Marks, among its extensions, a service of a profile that is not active: it is not brought up, but
// its task definition is in the template, so that it can be run by hand.
inline constexpr std::string_view kOneOffKey = "one-off-of-profile";

bool is_one_off_of_profile(const compose::Service& service);

// Adds the services that only `everything`, the project with all profiles active, has. One that
// cannot be converted is left out without a word: nobody asked for it yet.
void add_one_offs(compose::Project& project, const compose::Project& everything);

}  // namespace convert
