#pragma once

#include <memory>

#include "aws/client.hpp"
#include "aws/credential_sources.hpp"
#include "aws/settings.hpp"

namespace aws {

// AWS's order: environment (unless a profile was chosen in so many words), the profile's role, web
// identity, IAM Identity Center, keys of the credentials file, credential_process, keys of the
// config file, container, instance metadata. Asked at the first call, remembered until they expire.
std::unique_ptr<CredentialsProvider> make_credentials(const Settings& settings,
                                                      CredentialPorts ports);

// A client with these settings and the credentials above.
std::unique_ptr<Client> make_client(const Settings& settings, CredentialPorts ports);

}  // namespace aws
