#pragma once

#include "local/actions/cloudformation.hpp"

namespace local {

// CreateStack, UpdateStack and CreateChangeSet name the same things alike.
template <class Request>
CloudFormation::Wanted CloudFormation::wanted(const Request& request) {
  Wanted out;
  out.body = request.template_body;
  out.url = request.template_url;
  if constexpr (requires { request.use_previous_template; }) {
    out.use_previous = request.use_previous_template.value_or(false);
  }
  for (const awsapi::cloudformation::Parameter& p : request.parameters) {
    out.parameters.push_back(
        {p.parameter_key.value_or(""), p.parameter_value, p.use_previous_value.value_or(false)});
  }
  for (const awsapi::cloudformation::Tag& tag : request.tags) {
    out.tags.emplace_back(tag.key, tag.value);
  }
  out.capabilities = request.capabilities;
  return out;
}

}  // namespace local
