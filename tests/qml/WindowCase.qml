// SPDX-License-Identifier: GPL-3.0-or-later
import QtQuick
import QtTest
import Loam.Test
import Loam.Ui

/// The whole window over a fake node, and what a person does with it.
TestCase {
    id: testCase

    property Main window

    function make(hasNetwork, onboarded) {
        Bench.reset(hasNetwork, onboarded);
        window = createTemporaryObject(mainComponent, testCase, {
            node: Bench.node,
            models: Bench.models,
            chat: Bench.chat,
            api: Bench.api,
            wallet: Bench.wallet,
            audit: Bench.audit,
            network: Bench.network,
            practice: Bench.practice,
            ownData: Bench.data,
            settings: Bench.settings,
            visible: true
        });
        verify(window);
        tryVerify(() => Bench.node.known);
        window.requestActivate();
        tryVerify(() => window.active);
    }
    function item(name) {
        return Bench.find(window.contentItem, name);
    }
    /// A person scrolls to what lies below the edge of the window.
    function scrollTo(target) {
        if (target.mapToItem(window.contentItem, 0, target.height).y <= window.height)
            return;
        for (let around = target.parent; around; around = around.parent) {
            if (around.contentY !== undefined && around.contentHeight > around.height) {
                const y = target.mapToItem(around.contentItem, 0, 0).y;
                around.contentY = Math.min(y - around.height / 2, around.contentHeight - around.height);
                return;
            }
        }
    }
    function press(name) {
        tryVerify(() => item(name) !== null, 5000, name);
        const target = item(name);
        // Layouts take their places with the next frame; sheets slide in after it.
        waitForRendering(target, 300);
        let before = Qt.point(-1, -1);
        tryVerify(() => {
            scrollTo(target);
            const now = target.mapToItem(window.contentItem, 0, 0);
            const rests = target.enabled && target.width > 0 && now.x === before.x && now.y === before.y
                && now.x >= 0 && now.x + target.width <= window.width;
            before = now;
            return rests;
        });
        mouseClick(target);
    }
    function calls(method) {
        return Bench.fake.callCount(method);
    }

    when: windowShown
    width: 100
    height: 100
    visible: true

    Component {
        id: mainComponent

        Main {}
    }
}
