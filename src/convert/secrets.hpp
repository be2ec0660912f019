#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "convert/builder.hpp"
#include "convert/convert.hpp"

namespace convert {

// Where a task finds a value that must not be in the template: in Secrets Manager or in Parameter
// Store. A secret of the project (`file`, `environment`) is put there before the stack; its ARN and
// the version of its value are parameters of the template, so that another value is another task
// definition.

// `ValueFrom` of a container: the whole value, or one member of its JSON document. Reports what
// cannot be had; Null then.
doc::Node value_from(Builder& builder,
                     const compose::FileObject& object,
                     std::string_view json_key,
                     const diag::Span& span);

// What the execution role needs to read the value, as statements.
void add_read_statements(doc::Sequence& statements, const compose::FileObject& object);

// The parameters of every secret of the project that a service uses.
void add_secret_parameters(Builder& builder);

// A secret of a service becomes variables of its environment by `x-aws-env`: a name, or a mapping
// of names to members of the JSON document.
struct SecretVariable {
  std::string name;
  std::string json_key;
  const compose::FileObject* secret = nullptr;
  diag::Span span;
};

std::vector<SecretVariable> secret_variables(Builder& builder, const compose::Service& service);

// `Secrets` of the service's container; Null when there are none.
doc::Node secret_environment(Builder& builder, const std::vector<SecretVariable>& variables);

// The secret's members that are to be files of their own (`x-aws-keys`).
std::vector<std::string> secret_keys(Builder& builder, const compose::FileObject& secret);

}  // namespace convert
