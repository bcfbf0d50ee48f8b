# SPDX-License-Identifier: GPL-3.0-or-later
# loam_shaders(<target> names...): compiles shaders/<name>.comp into <name>.spv.inc, a list of words
# in braces, on the include path of the target; only what depends on a changed file is made anew.
find_program(LOAM_GLSLC glslc REQUIRED)
set(LOAM_SHADER_OUTPUT ${CMAKE_BINARY_DIR}/shaders)
function(loam_shaders target)
    file(MAKE_DIRECTORY ${LOAM_SHADER_OUTPUT})
    set(made "")
    foreach(name ${ARGN})
        set(source ${PROJECT_SOURCE_DIR}/shaders/${name}.comp)
        set(output ${LOAM_SHADER_OUTPUT}/${name}.spv.inc)
        add_custom_command(OUTPUT ${output}
            COMMAND ${LOAM_GLSLC} --target-env=vulkan1.1 -O -Werror -I ${PROJECT_SOURCE_DIR}/shaders
                -mfmt=c -MD -MF ${output}.d -MT ${output} -o ${output} ${source}
            DEPENDS ${source} DEPFILE ${output}.d VERBATIM)
        list(APPEND made ${output})
    endforeach()
    target_sources(${target} PRIVATE ${made})
    target_include_directories(${target} PRIVATE ${LOAM_SHADER_OUTPUT})
endfunction()
