# src/cloudformation/model/*.cfn describes resource types; tools/generate_cfn_specification.py puts them into the program.
set(SPECIFICATION_SOURCE ${PROJECT_BINARY_DIR}/generated/cloudformation/specification_rows.cpp)
file(GLOB cfn_models CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/cloudformation/model/*.cfn)
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/generated/cloudformation)
add_custom_command(OUTPUT ${SPECIFICATION_SOURCE}
  COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/generate_cfn_specification.py
          ${PROJECT_SOURCE_DIR}/src/cloudformation/model ${SPECIFICATION_SOURCE}
  DEPENDS ${cfn_models} ${PROJECT_SOURCE_DIR}/tools/generate_cfn_specification.py VERBATIM)
