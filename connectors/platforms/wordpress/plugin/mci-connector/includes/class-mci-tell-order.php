<?php
/**
 * MCI tells how an order stands.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Notes, tracking and status of an order. The present truth, not a step: it may be told twice or skip what came before.
 */
class MCI_Tell_Order {

	const TRACKING_META = '_wc_shipment_tracking_items';

	/**
	 * Tells.
	 *
	 * @param MCI_Call $call id, state, reference, courier, tracking, tracking_url, cod, cash_in, part.
	 * @return array<string,mixed>
	 * @throws MCI_Refusal What cannot be read, or an order at which another call is.
	 */
	public function tell( MCI_Call $call ) {
		$order_id = $call->number( 'id', 1 );
		if ( ! in_array( $call->text( 'state', 20 ), MCI_Telling::STATES, true ) ) {
			throw new MCI_Refusal( 400, 'bad_request', 'state' );
		}
		$news = array(
			'state'        => $call->text( 'state', 20 ),
			'reference'    => sanitize_text_field( $call->text( 'reference', 100 ) ),
			'courier'      => sanitize_text_field( $call->text( 'courier', 100 ) ),
			'tracking'     => sanitize_text_field( $call->text( 'tracking', 100 ) ),
			'tracking_url' => esc_url_raw( $call->text( 'tracking_url', 1000 ), array( 'http', 'https' ) ),
			'cod'          => $call->flag( 'cod' ),
			'cash_in'      => $call->flag( 'cash_in' ),
			'part'         => $call->flag( 'part' ),
		);
		$lock = MCI_Lock::take( 'order-' . $order_id, 60 );
		if ( '' === $lock ) {
			throw new MCI_Refusal( 409, 'in_progress' );
		}
		try {
			return $this->write( $order_id, $news );
		} finally {
			MCI_Lock::give( 'order-' . $order_id, $lock );
		}
	}

	/**
	 * Writes what is not yet there.
	 *
	 * @param int                 $order_id The order.
	 * @param array<string,mixed> $news     What MCI says.
	 * @return array<string,mixed>
	 */
	private function write( $order_id, array $news ) {
		$order = wc_get_order( $order_id );
		if ( ! $order instanceof WC_Order || 'shop_order' !== $order->get_type() || 'trash' === $order->get_status() ) {
			return array( 'gone' => true ); // A trashed order is left alone: any status would take it out of the trash.
		}
		$this->set_fields( $order, $news );
		$this->add_note( $order, $news );
		$status = MCI_Telling::status( $order->get_status(), $news['state'], $news['cod'], $news['part'] );
		if ( '' !== $status ) {
			$order->update_status( $status );
		}
		return array(
			'ok'     => true,
			'status' => $order->get_status(),
		);
	}

	/**
	 * Our own fields, and those of the common tracking plugins.
	 *
	 * @param WC_Order            $order The order.
	 * @param array<string,mixed> $news  What MCI says.
	 */
	private function set_fields( WC_Order $order, array $news ) {
		$fields = array(
			'_mci_state'        => $news['state'],
			'_mci_reference'    => $news['reference'],
			'_mci_courier'      => $news['courier'],
			'_mci_tracking'     => $news['tracking'],
			'_mci_tracking_url' => $news['tracking_url'],
			'_mci_cash_in'      => $news['cash_in'] ? 'yes' : '',
		);
		foreach ( $fields as $key => $value ) {
			if ( (string) $order->get_meta( $key ) !== $value ) {
				$order->update_meta_data( $key, $value );
			}
		}
		if ( '' !== $news['tracking'] ) {
			$items = $order->get_meta( self::TRACKING_META );
			$after = MCI_Telling::tracking_items( $items, $order->get_id(), $news['courier'], $news['tracking'], $news['tracking_url'], time() );
			if ( $items !== $after ) {
				$order->update_meta_data( self::TRACKING_META, $after );
			}
		}
		if ( array_filter( $order->get_meta_data(), array( __CLASS__, 'is_changed' ) ) ) {
			$order->save();
		}
	}

	/**
	 * Whether a field waits to be saved.
	 *
	 * @param WC_Meta_Data $meta A field.
	 * @return bool
	 */
	public static function is_changed( $meta ) {
		return empty( $meta->id ) || $meta->get_changes();
	}

	/**
	 * The note that is due, unless the order has it.
	 *
	 * @param WC_Order            $order The order.
	 * @param array<string,mixed> $news  What MCI says.
	 */
	private function add_note( WC_Order $order, array $news ) {
		$kind = MCI_Telling::note( $news['state'], $news['tracking'] );
		if ( '' === $kind ) {
			return;
		}
		$text  = $this->words( $kind, $news );
		$notes = array();
		foreach ( wc_get_order_notes( array( 'order_id' => $order->get_id() ) ) as $note ) {
			$notes[] = (string) $note->content;
		}
		if ( ! MCI_Telling::is_said( $notes, 'tracking' === $kind ? $news['tracking'] : $text ) ) {
			$order->add_order_note( $text, 'tracking' === $kind && 'shipped' === $news['state'] ? 1 : 0 );
		}
	}

	/**
	 * The note's text, in the shop's language.
	 *
	 * @param string              $kind As MCI_Telling::note() says.
	 * @param array<string,mixed> $news What MCI says.
	 * @return string
	 */
	private function words( $kind, array $news ) {
		switch ( $kind ) {
			case 'tracking':
				/* translators: 1: courier, 2: tracking number. */
				$text = sprintf( __( 'Your parcel is on its way with %1$s, tracking number %2$s.', 'mci-connector' ), $news['courier'], $news['tracking'] );
				return trim( $text . ' ' . $news['tracking_url'] );
			case 'delivered':
				/* translators: %s: the order's number in MCI. */
				return sprintf( __( 'MCI: order %s was delivered.', 'mci-connector' ), $news['reference'] );
			case 'returned':
				/* translators: %s: the order's number in MCI. */
				return sprintf( __( 'MCI: the parcel of order %s comes back to the sender.', 'mci-connector' ), $news['reference'] );
			case 'lost':
				/* translators: %s: the order's number in MCI. */
				return sprintf( __( 'MCI: the courier lost the parcel of order %s.', 'mci-connector' ), $news['reference'] );
			default:
				/* translators: %s: the order's number in MCI. */
				return sprintf( __( 'MCI: order %s was cancelled before it left.', 'mci-connector' ), $news['reference'] );
		}
	}
}
